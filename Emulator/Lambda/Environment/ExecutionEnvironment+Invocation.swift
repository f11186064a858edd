import Clock
import Glibc
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Takes an invocation; the process has been initialised and is polling, or is between two polls.
    func serve(_ invocation: Invocation) {
        if let several { return serve(invocation, several) }
        invocation.initMs = unreportedInitMs
        unreportedInitMs = nil
        isBoundWarm = true
        phase = .invoking(invocation)
        startClock(invocation)
        watch(invocation)
        handOverIfPolling()
    }

    /// Starts the process again, inside the invocation and under its timeout.
    func serveWithInit(_ invocation: Invocation) {
        if let several { return serveWithInit(invocation, several) }
        isBoundWarm = false
        phase = .invoking(invocation)
        startClock(invocation)
        watch(invocation)
        startProcess()
    }

    func startClock(_ invocation: Invocation) {
        invocation.startedAt = MonotonicClock.nanoseconds
        invocation.deadline = host.clock.now + Int64(host.definition.timeoutMilliseconds)
        atWork()
    }

    private func watch(_ invocation: Invocation) {
        let timeout = UInt64(host.definition.timeoutMilliseconds) * 1_000_000
        watchdog.watch(until: invocation.startedAt + timeout)
    }

    /// The process has something to do from now on.
    func atWork() {
        atWorkSince = MonotonicClock.nanoseconds
        workCount &+= 1
        if frozen != nil { thaw() }
        host.service.memoryPatrol.wake()
        if case .invoking = phase, let cpuShare, let process { cpuShare.begin(process.pid) }
    }

    /// It waits for the next invocation.
    func rested() {
        atWorkSince = nil
        cpuShare?.end()
    }

    /// Gives the event to the held poll, if there is one. The poll of a process that has ended is not asked for
    /// an answer, even before the end is reported: the invocation has another one started by that report.
    func handOverIfPolling() {
        guard case .invoking(let invocation) = phase, api.canTakeEvent, !hasEnded,
            extensionsRest({ [weak self] in self?.handOverIfPolling() })
        else { return }
        noteInitEnd()
        logStart(invocation)
        extensions?.invoke(invocation)
        api.handOver(requestID: invocation.requestID)
        releasePoll(event(invocation))
    }

    /// Notes the outcome and gives it to the invoker, unless that one waits for the log.
    func answer(_ invocation: Invocation, _ answer: Invocation.Answer) {
        if !answer.isPlatforms, exceedsMemory(invocation) {
            // It was over before anybody could look; what it says does not count.
            crashed(invocation, .exited(code: 0, signal: Int(SIGKILL)))
            return die(afterInit: false)
        }
        invocation.answer = answer
        if several != nil {
            if invocation.tail == nil { deliver(invocation) }
            return
        }
        phase = .finishing(invocation)
        if invocation.tail == nil { deliver(invocation) }
        host.answered(self)
    }

    private func deliver(_ invocation: Invocation) {
        guard !invocation.isDelivered, let answer = invocation.answer else { return }
        let now = MonotonicClock.nanoseconds
        let report = self.report(invocation, now: now, readsMemory: invocation.tail != nil)
        let result = InvokeResult(
            payload: answer.payload, functionError: answer.isError ? "Unhandled" : nil,
            executedVersion: host.definition.version, logTail: invocation.tail?.bytes ?? [],
            requestID: invocation.requestID, durationMs: report.durationMs, billedMs: report.billedMs,
            initMs: report.initMs, maxMemoryMB: report.maxMemoryMB, timedOut: answer.timedOut)
        invocation.finish(answer.isError ? .functionError(result) : .success(result))
    }

    private func report(_ invocation: Invocation, now: UInt64, readsMemory: Bool) -> LogLines.Report {
        if readsMemory || memory.mebibytes == 0, let process { _ = memory.read(pid: process.pid, now: now) }
        return LogLines.Report(
            requestID: invocation.requestID, durationMs: invocation.durationMs(now: now),
            memoryMB: host.definition.memoryMB,
            // No more was ever given to it than it has: it ended there.
            maxMemoryMB: isOutOfMemory ? host.definition.memoryMB : memory.mebibytes,
            initMs: invocation.initMs,
            failure: invocation.failure)
    }

    func logStart(_ invocation: Invocation) {
        guard !invocation.isStarted else { return }
        invocation.isStarted = true
        noteStart(invocation)
        write(.start(requestID: invocation.requestID, version: host.definition.version))
    }

    /// Writes END and REPORT. The invoker who waits for the log gets the outcome now.
    func close(_ invocation: Invocation) {
        flushOutput()
        let report = report(invocation, now: MonotonicClock.nanoseconds, readsMemory: true)
        noteEnd(invocation, report)
        write(.end(report, producedBytes: invocation.producedBytes))
        host.log.invocationEnded()
        deliver(invocation)
        host.closed(invocation)
    }

    // MARK: - Bad ends

    /// The process has ended by itself, or could not be started, while an invocation was bound to it.
    func crashed(_ invocation: Invocation, _ error: PlatformError) {
        if !invocation.isStarted, let initErrorType {
            // The runtime has said why: its words go to the invoker.
            logInitEnd(nil, phase: "invoke", .error(type: initErrorType))
            logStart(invocation)
            end(
                invocation, .error(type: initErrorType),
                initErrorBody ?? error.body(requestID: invocation.requestID))
            return
        }
        if !invocation.isStarted { logInitEnd(nil, phase: "invoke", .error(type: error.type)) }
        logStart(invocation)
        flushOutput()
        write(.failure(error, requestID: invocation.requestID))
        end(invocation, .error(type: error.type), error.body(requestID: invocation.requestID))
    }

    private func end(_ invocation: Invocation, _ failure: LogLines.Report.Failure, _ body: [UInt8]) {
        invocation.failure = failure
        answer(invocation, Invocation.Answer(payload: body, isError: true, isPlatforms: true))
        close(invocation)
    }

    /// The process has ended after its answer: the answer stands, the log tells.
    func crashedAfterAnswer(_ invocation: Invocation, _ error: PlatformError) {
        flushOutput()
        write(.failure(error, requestID: invocation.requestID))
        invocation.failure = .error(type: error.type)
        close(invocation)
    }

    func timedOut(_ invocation: Invocation) {
        let timeout = host.definition.timeoutMilliseconds
        let error = PlatformError.timedOut(afterMilliseconds: timeout)
        if !invocation.isStarted { logInitEnd(nil, phase: "invoke", .timeout) }
        logStart(invocation)
        flushOutput()
        write(.timeout(requestID: invocation.requestID, afterMilliseconds: timeout))
        invocation.failure = .timeout
        invocation.finishedAt = invocation.startedAt + UInt64(timeout) * 1_000_000
        if invocation.answer == nil {
            answer(
                invocation,
                Invocation.Answer(
                    payload: error.body(requestID: invocation.requestID), isError: true, timedOut: true,
                    isPlatforms: true))
        }
        close(invocation)
    }
}
