import Clock

extension FunctionHost {
    /// Answers an invocation of a version that cannot run here, as the platform answers when there is nothing to
    /// start; the log tells.
    func refuse(_ invocation: Invocation, _ problem: PlatformError) {
        let id = invocation.requestID
        let report = LogLines.Report(
            requestID: id, durationMs: 0, memoryMB: definition.memoryMB, maxMemoryMB: 0,
            failure: .error(type: problem.type))
        let lines =
            LogLines.start(id, version: definition.version) + LogLines.failure(problem, requestID: id)
            + LogLines.endAndReport(report)
        log.append(lines)
        log.invocationEnded()
        invocation.tail?.add(lines.utf8)
        invocation.finish(
            .functionError(
                InvokeResult(
                    payload: problem.body(requestID: id), functionError: "Unhandled",
                    executedVersion: definition.version, logTail: invocation.tail?.bytes ?? [], requestID: id,
                    durationMs: 0, billedMs: report.billedMs, initMs: nil, maxMemoryMB: 0, timedOut: false)))
    }
}
