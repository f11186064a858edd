import HTTPTypes
import Net

/// What an environment has under way that serves several invocations at once: polls, and invocations in each of
/// their states.
@EventLoop final class SeveralInvocations {
    private(set) var hasPolled = false
    /// Bound, their events not handed over yet.
    private var waiting: [Invocation] = []
    /// Handed over, by request id.
    private var running: [String: Invocation] = [:]
    /// Those among them whose answer is being posted piece by piece.
    private var posting: Set<String> = []
    /// Ids of requests that ran out of time while the process goes on with them: their places are still taken.
    private var late: Set<String> = []
    /// Answered, their logs still open.
    private var closing: [Invocation] = []
    private var polls: [(number: Int, poll: CheckedContinuation<HTTPResponse, Never>)] = []
    private var pollNumber = 0

    nonisolated init() {}

    var bound: [Invocation] { waiting + running.values }
    /// Those whose log is not closed.
    var logging: [Invocation] { bound + closing }
    /// Whether the process works on nothing but what was given up.
    var isOnlyLate: Bool { waiting.isEmpty && running.isEmpty && !late.isEmpty }

    /// Another process begins. What is bound waits for it.
    func begin() {
        hasPolled = false
        posting = []
        late = []
        releasePolls()
    }

    // MARK: - Polls

    /// Holds a poll; `then` is called once it is held. Only the first one of a process `isFirst`.
    func hold(then: (_ isFirst: Bool) -> Void) async -> HTTPResponse {
        pollNumber += 1
        let number = pollNumber
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                polls.append((number, continuation))
                let isFirst = !hasPolled
                hasPolled = true
                then(isFirst)
            }
        } onCancel: {
            Task { @EventLoop in self.drop(number) }
        }
    }

    private func drop(_ number: Int) {
        guard let index = polls.firstIndex(where: { $0.number == number }) else { return }
        polls.remove(at: index).poll.resume(returning: RuntimeAPIAnswer.containerError)
    }

    func releasePolls() {
        let polls = polls
        self.polls = []
        for held in polls { held.poll.resume(returning: RuntimeAPIAnswer.containerError) }
    }

    // MARK: - Invocations

    func bind(_ invocation: Invocation) { waiting.append(invocation) }

    /// Gives the next waiting invocation to the next poll.
    /// - Parameter event: makes what the poll is answered with.
    /// - Returns: false when one of the two is missing.
    func handOver(_ event: (Invocation) -> HTTPResponse) -> Bool {
        guard !waiting.isEmpty, !polls.isEmpty else { return false }
        let invocation = waiting.removeFirst()
        running[invocation.requestID] = invocation
        polls.removeFirst().poll.resume(returning: event(invocation))
        return true
    }

    /// The invocation that an answer is posted for.
    func answered(_ requestID: String) throws(RuntimeAPIState.Refusal) -> Invocation {
        guard let invocation = running[requestID] else { throw .invalidRequestID }
        guard !posting.contains(requestID) else {
            throw .transition(from: .invocationResponse, to: .invocationResponse)
        }
        return invocation
    }

    /// Its answer comes in pieces from now on.
    func posts(_ invocation: Invocation) { posting.insert(invocation.requestID) }

    /// Its outcome is known; its log is open until ``closed(_:)``.
    /// - Returns: whether it was still being served.
    @discardableResult func remove(_ invocation: Invocation) -> Bool {
        posting.remove(invocation.requestID)
        if let index = waiting.firstIndex(where: { $0 === invocation }) {
            waiting.remove(at: index)
        } else {
            guard running.removeValue(forKey: invocation.requestID) != nil else { return false }
        }
        closing.append(invocation)
        return true
    }

    func closed(_ invocation: Invocation) { closing.removeAll { $0 === invocation } }

    /// It ran out of time. - Returns: whether the process has it, so that its place stays taken.
    func ranOut(_ invocation: Invocation) -> Bool {
        guard running[invocation.requestID] === invocation else {
            remove(invocation)
            return false
        }
        remove(invocation)
        late.insert(invocation.requestID)
        return true
    }

    /// The process has answered after all. - Returns: whether that frees a place.
    func cameLate(_ requestID: String) -> Bool { late.remove(requestID) != nil }

    /// Places that calls take which were given up.
    var lateCount: Int { late.count }

    func removeAll() -> [Invocation] {
        let all = bound
        for invocation in all { remove(invocation) }
        late = []
        return all
    }

    /// The environment ends for good.
    func giveUp() {
        for invocation in removeAll() {
            invocation.finish(.startFailure(reason: "the emulator is shutting down"))
        }
        releasePolls()
    }
}
