import Clock

/// The platform's lines in a function's log, text format.
enum LogLines {
    /// What is known at the end of an invocation.
    struct Report {
        var requestID: String
        var durationMs: Double
        var memoryMB: Int
        var maxMemoryMB: Int
        /// Only for the first invocation of an environment.
        var initMs: Double?
        var failure: Failure?

        enum Failure: Equatable {
            case timeout
            case error(type: String)
        }

        /// AWS bills whole milliseconds, at least one, and since August 2025 the init with them.
        var billedMs: Int { max(1, Int((durationMs + (initMs ?? 0)).rounded(.up))) }
    }

    /// Stands where AWS names its build of the runtime.
    static let runtimeVersion = "provided:al2023.emulator"

    static func initStart(region: String) -> String {
        "INIT_START Runtime Version: \(runtimeVersion)\tRuntime Version ARN: "
            + "arn:aws:lambda:\(region)::runtime:\(String(repeating: "0", count: 64))\n"
    }

    /// Written for failed inits only. `phase` is `init`, or `invoke` for one inside an invocation.
    static func initReport(milliseconds: Double, phase: String, failure: Report.Failure) -> String {
        "INIT_REPORT Init Duration: \(Decimal2.text(milliseconds)) ms\tPhase: \(phase)"
            + "\(status(failure))\n"
    }

    static func start(_ requestID: String, version: String = "$LATEST") -> String {
        "START RequestId: \(requestID) Version: \(version)\n"
    }

    static func end(_ requestID: String) -> String { "END RequestId: \(requestID)\n" }

    static func report(_ report: Report) -> String {
        var line = "REPORT RequestId: \(report.requestID)\tDuration: \(Decimal2.text(report.durationMs)) ms"
        line += "\tBilled Duration: \(report.billedMs) ms\tMemory Size: \(report.memoryMB) MB"
        line += "\tMax Memory Used: \(report.maxMemoryMB) MB\t"
        if let initMs = report.initMs { line += "Init Duration: \(Decimal2.text(initMs)) ms\t" }
        if let failure = report.failure { line += "\(status(failure).dropFirst())\t" }
        return line + "\n"
    }

    static func timedOut(_ requestID: String, at now: Timestamp, afterMilliseconds timeout: Int) -> String {
        "\(now.iso8601) \(requestID) Task timed out after \(Decimal2.text(Double(timeout) / 1000)) seconds\n\n"
    }

    /// The lines about a crash, a missing bootstrap, and the like.
    static func failure(_ error: PlatformError, requestID: String) -> String {
        "\(error.text(requestID: requestID))\n\(error.type)\n"
    }

    private static func status(_ failure: Report.Failure) -> String {
        switch failure {
        case .timeout: "\tStatus: timeout"
        case .error(let type): "\tStatus: error\tError Type: \(type)"
        }
    }
}
