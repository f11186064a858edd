import Clock
import JSON

/// What the platform has to say: in a function's log, in either of Lambda's two formats, and to extensions.
enum PlatformEvent {
    struct Init {
        var region: String
        var functionName: String
        var version: String
        /// `on-demand` or `provisioned-concurrency`.
        var type: String
        var memoryMB: Int
        var logStream: String
    }

    case initStart(Init)
    /// The init has ended, inside an invocation (`phase` is `invoke`) or before (`init`).
    case initEnd(Init, milliseconds: Double, phase: String, failure: LogLines.Report.Failure?)
    case start(requestID: String, version: String)
    /// The process was ended at its deadline.
    case timeout(requestID: String, afterMilliseconds: Int)
    /// A crash, a missing bootstrap, and the like.
    case failure(PlatformError, requestID: String)
    case end(LogLines.Report, producedBytes: Int)

    /// The lines in a log of this kind; empty when it shows none of them.
    func lines(_ logging: FunctionLogging, at now: Timestamp) -> String {
        logging.format == .text ? text(at: now) : json(logging, at: now)
    }

    private func text(at now: Timestamp) -> String {
        switch self {
        case .initStart(let facts): LogLines.initStart(region: facts.region)
        case .initEnd(_, let milliseconds, let phase, let failure?):
            LogLines.initReport(milliseconds: milliseconds, phase: phase, failure: failure)
        case .initEnd: ""
        case .start(let requestID, let version): LogLines.start(requestID, version: version)
        case .timeout(let requestID, let timeout):
            LogLines.timedOut(requestID, at: now, afterMilliseconds: timeout)
        case .failure(let error, let requestID): LogLines.failure(error, requestID: requestID)
        case .end(let report, _): LogLines.endAndReport(report)
        }
    }

    private func json(_ logging: FunctionLogging, at now: Timestamp) -> String {
        records.filter { $0.level >= logging.systemLevel }.map { record in
            let line: JSONValue = [
                "time": .string(now.iso8601), "type": .string("platform.\(record.type)"),
                "record": .object(record.record),
            ]
            return line.encodedString() + "\n"
        }.joined()
    }

    struct Record {
        let type: String
        let level: FunctionLogging.Level
        let record: JSONObject
    }

    /// As the JSON format and the Telemetry API have it. What the text format has beyond that is not among it.
    var records: [Record] {
        switch self {
        case .initStart(let facts): [initStart(facts)]
        case .initEnd(let facts, let milliseconds, let phase, let failure):
            initEnd(facts, milliseconds, phase, failure)
        case .start(let requestID, let version):
            [
                .init(
                    type: "start", level: .info,
                    record: ["requestId": .string(requestID), "version": .string(version)])
            ]
        case .timeout, .failure: []
        case .end(let report, let producedBytes): end(report, producedBytes)
        }
    }

    private func initStart(_ facts: Init) -> Record {
        let arn = "arn:aws:lambda:\(facts.region)::runtime:\(String(repeating: "0", count: 64))"
        return .init(
            type: "initStart", level: .info,
            record: [
                "initializationType": .string(facts.type), "phase": "init",
                "runtimeVersion": .string(LogLines.runtimeVersion), "runtimeVersionArn": .string(arn),
                "functionName": .string(facts.functionName), "functionVersion": .string(facts.version),
                "instanceId": .string(facts.logStream),
                "instanceMaxMemory": .number(JSONNumber(facts.memoryMB * 1_048_576)),
            ])
    }

    private func initEnd(
        _ facts: Init, _ milliseconds: Double, _ phase: String, _ failure: LogLines.Report.Failure?
    ) -> [Record] {
        var done: JSONObject = ["initializationType": .string(facts.type), "phase": .string(phase)]
        Self.add(failure, to: &done)
        var report = done
        report.append("metrics", ["durationMs": Self.number(milliseconds)])
        let usual: FunctionLogging.Level = facts.type == "on-demand" ? .debug : .info
        return [
            .init(type: "initRuntimeDone", level: failure == nil ? .debug : .warn, record: done),
            .init(type: "initReport", level: failure == nil ? usual : .warn, record: report),
        ]
    }

    private func end(_ report: LogLines.Report, _ producedBytes: Int) -> [Record] {
        var done: JSONObject = ["requestId": .string(report.requestID)]
        Self.add(report.failure, to: &done)
        done.append(
            "metrics",
            [
                "durationMs": Self.number(report.durationMs),
                "producedBytes": .number(JSONNumber(producedBytes)),
            ])
        var metrics: JSONObject = [
            "durationMs": Self.number(report.durationMs),
            "billedDurationMs": .number(JSONNumber(report.billedMs)),
            "memorySizeMB": .number(JSONNumber(report.memoryMB)),
            "maxMemoryUsedMB": .number(JSONNumber(report.maxMemoryMB)),
        ]
        if let initMs = report.initMs { metrics.append("initDurationMs", Self.number(initMs)) }
        var summary: JSONObject = ["requestId": .string(report.requestID), "metrics": .object(metrics)]
        Self.add(report.failure, to: &summary)
        let isWell = report.failure == nil
        return [
            .init(type: "runtimeDone", level: isWell ? .debug : .warn, record: done),
            .init(type: "report", level: isWell ? .info : .warn, record: summary),
        ]
    }

    private static func add(_ failure: LogLines.Report.Failure?, to record: inout JSONObject) {
        switch failure {
        case nil: record.append("status", "success")
        case .timeout: record.append("status", "timeout")
        case .error(let type):
            record.append("status", "error")
            record.append("errorType", .string(type))
        }
    }

    /// Milliseconds with three decimals.
    private static func number(_ milliseconds: Double) -> JSONValue {
        .number(JSONNumber((milliseconds * 1000).rounded() / 1000))
    }
}
