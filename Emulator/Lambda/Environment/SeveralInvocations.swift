import HTTPServer
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
    /// The last one is served first: its thread has worked most recently.
    private var polls: [HTTPReply] = []
    /// Whether one of ``logging`` keeps the end of its log.
    private(set) var wantsTails = false

    nonisolated init() {}

    var bound: [Invocation] { waiting + running.values }
    /// Those whose log is not closed.
    var logging: [Invocation] { bound + closing }
    var isEmpty: Bool { waiting.isEmpty && running.isEmpty }
    /// Whether the process works on nothing but what was given up.
    var isOnlyLate: Bool { isEmpty && !late.isEmpty }

    /// Another process begins. What is bound waits for it.
    func begin() {
        hasPolled = false
        posting = []
        late = []
        releasePolls()
    }

    // MARK: - Polls

    /// Holds a poll. - Returns: whether it is the first one of a process.
    func hold(_ poll: HTTPReply) -> Bool {
        polls.append(poll)
        poll.onCancel = { [weak self, unowned poll] in
            guard let self, let index = polls.firstIndex(where: { $0 === poll }) else { return }
            polls.remove(at: index).send(RuntimeAPIAnswer.containerError)
        }
        defer { hasPolled = true }
        return !hasPolled
    }

    func releasePolls() {
        let polls = polls
        self.polls = []
        for poll in polls { poll.send(RuntimeAPIAnswer.containerError) }
    }

    // MARK: - Invocations

    func bind(_ invocation: Invocation) {
        waiting.append(invocation)
        if invocation.tail != nil { wantsTails = true }
    }

    /// Gives the next waiting invocation to the next poll.
    /// - Parameter event: makes what the poll is answered with.
    /// - Returns: false when one of the two is missing.
    func handOver(_ event: (Invocation) -> HTTPResponse) -> Bool {
        guard !waiting.isEmpty, let poll = polls.popLast() else { return false }
        let invocation = waiting.removeFirst()
        running[invocation.requestID] = invocation
        poll.send(event(invocation))
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

    func closed(_ invocation: Invocation) {
        closing.removeAll { $0 === invocation }
        if wantsTails { wantsTails = logging.contains { $0.tail != nil } }
    }

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

    /// The environment ends for good; its polls are released when its process has been told.
    func giveUp() {
        for invocation in removeAll() {
            invocation.finish(.startFailure(reason: "the emulator is shutting down"))
        }
    }
}
