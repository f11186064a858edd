import Clock
import Glibc
import HTTPServer
import HTTPTypes
import Net

/// An environment that serves several invocations at once (`AWS_LAMBDA_MAX_CONCURRENCY`). While its process is up, its
/// phase is `idle`, whatever it serves; each invocation has its own deadline, answer and log lines.
extension ExecutionEnvironment {
    func serve(_ invocation: Invocation, _ several: SeveralInvocations) {
        invocation.initMs = unreportedInitMs
        unreportedInitMs = nil
        several.bind(invocation)
        startClock(invocation)
        // All have the same time: those that are there run out of it before this one.
        if !watchdog.isWatching { watch(several) }
        handOver(several)
    }

    func serveWithInit(_ invocation: Invocation, _ several: SeveralInvocations) {
        phase = .initialising
        several.bind(invocation)
        startClock(invocation)
        watch(several)
        startProcess()
    }

    /// Until the first of the deadlines.
    private func watch(_ several: SeveralInvocations) {
        guard let first = several.bound.map(\.startedAt).min() else {
            watchdog.rest()
            return rested()
        }
        watchdog.watch(until: first + UInt64(host.definition.timeoutMilliseconds) * 1_000_000)
    }

    private func handOver(_ several: SeveralInvocations) {
        guard case .idle = phase else { return }
        while several.handOver({ invocation in
            logStart(invocation)
            return event(invocation)
        }) {}
    }

    // MARK: - Calls

    func answer(
        _ call: RuntimeAPICall, _ request: HTTPRequest, _ reply: HTTPReply, _ several: SeveralInvocations
    ) throws(RuntimeAPIState.Refusal) {
        switch call {
        case .next:
            guard initErrorType == nil else { throw .transition(from: .initError, to: .ready) }
            polled(several, isFirst: several.hold(reply))
        case .response(let requestID):
            let invocation = try posted(requestID, several)
            reply.send(finish(invocation, several) { responsePosted(invocation, request) })
        case .error(let requestID):
            let invocation = try posted(requestID, several)
            reply.send(finish(invocation, several) { errorPosted(invocation, request) })
        case .initError:
            guard !several.hasPolled, initErrorType == nil else {
                throw .transition(from: several.hasPolled ? .ready : .initError, to: .initError)
            }
            reply.send(initErrorPosted(request))
        case .ping: reply.send(RuntimeAPIAnswer.pong)
        case .wrongMethod: reply.send(RuntimeAPIAnswer.methodNotAllowed)
        case .unknown: reply.send(RuntimeAPIAnswer.notFound)
        }
    }

    private func posted(
        _ requestID: String, _ several: SeveralInvocations
    ) throws(RuntimeAPIState.Refusal) -> Invocation {
        if several.cameLate(requestID) { freed(several) }
        return try several.answered(requestID)
    }

    func stream(
        _ body: BodyStream, _ request: HTTPRequest, _ requestID: String, _ several: SeveralInvocations
    ) async throws(RuntimeAPIState.Refusal) -> HTTPResponse {
        let invocation = try posted(requestID, several)
        several.posts(invocation)
        var isServed = false
        let answer = await pass(body, request, invocation) {
            isServed = several.remove(invocation)
            return isServed
        }
        if isServed { closeSoon(invocation, several) }
        return answer
    }

    func truncated(_ requestID: String, _ several: SeveralInvocations) -> HTTPResponse {
        do throws(RuntimeAPIState.Refusal) {
            let invocation = try posted(requestID, several)
            several.posts(invocation)
            Task { @EventLoop in
                guard await !self.endsSoon(), invocation.answer == nil else { return }
                _ = self.finish(invocation, several) {
                    self.fail(invocation, .truncatedResponse)
                    return RuntimeAPIAnswer.truncated
                }
            }
            return RuntimeAPIAnswer.truncated
        } catch {
            return RuntimeAPIAnswer.refusal(error)
        }
    }

    private func finish(
        _ invocation: Invocation, _ several: SeveralInvocations, _ answer: () -> HTTPResponse
    ) -> HTTPResponse {
        let response = answer()
        // Ended for the memory that it took, it was closed at once.
        if case .dying = phase { return response }
        guard several.remove(invocation) else { return response }
        closeSoon(invocation, several)
        return response
    }

    /// What it printed before its answer may still wait to be read.
    private func closeSoon(_ invocation: Invocation, _ several: SeveralInvocations) {
        invocation.finishedAt = MonotonicClock.nanoseconds
        let process = initStartedAt
        host.service.settle { [weak self] in
            guard let self else { return }
            close(invocation)
            several.closed(invocation)
            // Another process has places of its own.
            if initStartedAt == process { freed(several) }
        }
    }

    /// A place can be taken again.
    private func freed(_ several: SeveralInvocations) {
        guard case .idle = phase else { return }
        host.released(self)
        guard case .idle = phase else { return }
        if several.isOnlyLate { return die(afterInit: false, .timeout) }
        // As long as there are others, the watchdog looks for the first deadline when the present one has passed.
        if several.isEmpty { watch(several) }
    }

    private func polled(_ several: SeveralInvocations, isFirst: Bool) {
        switch phase {
        case .initialising where isFirst:
            let milliseconds = Double(MonotonicClock.nanoseconds &- initStartedAt) / 1e6
            unreportedInitMs = milliseconds
            host.coldStarts.note(milliseconds: milliseconds)
            host.service.settle { [weak self] in self?.initialised(several) }
        case .initialising, .invoking, .finishing: break
        case .idle: handOver(several)
        case .down, .dying, .stopped: several.releasePolls()
        }
    }

    private func initialised(_ several: SeveralInvocations) {
        guard case .initialising = phase,
            extensionsRest({ [weak self] in self?.initialised(several) })
        else { return }
        noteInitEnd()
        phase = .idle
        if several.bound.isEmpty, let unreportedInitMs {
            logInitEnd(unreportedInitMs, phase: "init", nil)
        } else {
            // It is a part of the invocation that waits for it.
            unreportedInitMs = nil
        }
        watch(several)
        handOver(several)
        host.ready(self)
    }

    // MARK: - Ends

    func ended(_ error: PlatformError, _ several: SeveralInvocations) {
        several.releasePolls()
        if case .stopped = phase { return gone() }
        if case .down = phase { return }
        let lateCount = several.lateCount
        let bound = several.removeAll()
        flushOutput()
        if restart(bound, several, lateCount, error) { return }
        if bound.isEmpty {
            switch phase {
            case .initialising:
                if initErrorType == nil { note("\(error.message)\n\(error.type)") }
                logInitEnd(nil, phase: "init", .error(type: initErrorType ?? error.type))
                return goDown(afterInit: true)
            case .dying(let afterInit): return goDown(afterInit: afterInit)
            case .idle: note("\(error.message), between two invocations")
            case .invoking, .finishing, .down, .stopped: break
            }
        }
        for invocation in bound {
            crashed(invocation, error)
            several.closed(invocation)
        }
        goDown(afterInit: false)
    }

    /// Invocations that came when the process was already ending have seen nothing of it: another one serves them.
    /// - Returns: false when there are none.
    private func restart(
        _ bound: [Invocation], _ several: SeveralInvocations, _ lateCount: Int, _ error: PlatformError
    ) -> Bool {
        switch phase {
        case .idle, .dying(afterInit: false): break
        case .initialising, .invoking, .finishing, .down, .dying, .stopped: return false
        }
        let begun = bound.filter(\.isStarted)
        guard begun.count < bound.count else { return false }
        for invocation in bound { several.closed(invocation) }
        for invocation in begun { crashed(invocation, error) }
        phase = .initialising
        for invocation in bound where !invocation.isStarted { several.bind(invocation) }
        retireExtensions(.failure)
        startProcess()
        watch(several)
        for _ in 0..<(begun.count + lateCount) { host.released(self) }
        return true
    }

    func overdue(_ several: SeveralInvocations) {
        switch phase {
        case .initialising:
            flushOutput()
            let bound = several.removeAll()
            if bound.isEmpty {
                logInitEnd(nil, phase: "init", initErrorType.map { .error(type: $0) } ?? .timeout)
                return die(afterInit: true)
            }
            for invocation in bound {
                if initErrorType == nil {
                    timedOut(invocation)
                } else {
                    crashed(invocation, .exited(code: 0, signal: Int(SIGKILL)))
                }
                several.closed(invocation)
            }
            die(afterInit: false, .timeout)
        case .idle: giveUpLate(several)
        case .invoking, .finishing, .down, .dying, .stopped: break
        }
    }

    /// Answers for those that ran out of time. The process may come to an end with them: others are served by it.
    private func giveUpLate(_ several: SeveralInvocations) {
        let timeout = UInt64(host.definition.timeoutMilliseconds) * 1_000_000
        let now = MonotonicClock.nanoseconds
        for invocation in several.bound where invocation.startedAt + timeout <= now {
            let isTaken = several.ranOut(invocation)
            timedOut(invocation)
            several.closed(invocation)
            if !isTaken { host.released(self) }
        }
        guard case .idle = phase else { return }
        if several.isOnlyLate { return die(afterInit: false, .timeout) }
        watch(several)
    }
}
