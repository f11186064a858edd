import JSON

/// The platform's events (AWS Lambda Developer Guide, "Lambda Telemetry API Event schema reference").
extension ExecutionEnvironment {
    private var telemetry: Telemetry? { extensions?.telemetry }

    private var initFacts: JSONObject {
        ["initializationType": .string(initializationType), "phase": "init"]
    }

    func noteInitStart() {
        telemetry?.add(.platform, "platform.initStart", initStart)
    }

    private var initStart: JSONValue {
        let definition = host.definition
        var record = initFacts
        record.append("functionName", .string(definition.name))
        record.append("functionVersion", .string(definition.version))
        record.append("instanceId", .string(logStream.split(separator: "]").last.map(String.init) ?? ""))
        record.append("instanceMaxMemory", .number(JSONNumber(definition.memoryMB * 1_048_576)))
        record.append("runtimeVersion", .string(LogLines.runtimeVersion))
        record.append(
            "runtimeVersionArn",
            .string(
                "arn:aws:lambda:\(host.configuration.region)::runtime:\(String(repeating: "0", count: 64))"))
        return .object(record)
    }

    /// - Parameter failure: nil when the runtime has polled.
    func noteInitDone(failure: LogLines.Report.Failure?, milliseconds: Double) {
        guard let telemetry, telemetry.isWanted else { return }
        var done = initFacts
        append(failure, to: &done)
        telemetry.add(.platform, "platform.initRuntimeDone", .object(done))
        var report = initFacts
        report.append("metrics", ["durationMs": .number(JSONNumber(rounded(milliseconds)))])
        append(failure, to: &report)
        telemetry.add(.platform, "platform.initReport", .object(report))
        for member in extensions?.registry.members ?? [] {
            telemetry.add(
                .platform, "platform.extension",
                [
                    "name": .string(member.name), "state": .string(member.state.rawValue),
                    "events": .array(member.events.map { .string($0.rawValue) }),
                ])
        }
    }

    func noteStart(_ invocation: Invocation) {
        guard let telemetry, telemetry.isWanted else { return }
        telemetry.add(
            .platform, "platform.start",
            [
                "requestId": .string(invocation.requestID), "version": .string(host.definition.version),
                "tracing": ["type": "X-Amzn-Trace-Id", "value": .string(invocation.traceID)],
            ])
    }

    /// The end of an invocation: what the runtime took, then what is billed.
    func noteEnd(_ invocation: Invocation, _ report: LogLines.Report) {
        guard let telemetry, telemetry.isWanted else { return }
        var done: JSONObject = ["requestId": .string(invocation.requestID)]
        append(report.failure, to: &done)
        done.append(
            "metrics",
            [
                "durationMs": .number(JSONNumber(rounded(report.durationMs))),
                "producedBytes": .number(JSONNumber(invocation.producedBytes)),
            ])
        telemetry.add(.platform, "platform.runtimeDone", .object(done))
        telemetry.add(.platform, "platform.end", ["requestId": .string(invocation.requestID)])
        var metrics: JSONObject = [
            "durationMs": .number(JSONNumber(rounded(report.durationMs))),
            "billedDurationMs": .number(JSONNumber(report.billedMs)),
            "memorySizeMB": .number(JSONNumber(report.memoryMB)),
            "maxMemoryUsedMB": .number(JSONNumber(report.maxMemoryMB)),
        ]
        if let initMs = report.initMs {
            metrics.append("initDurationMs", .number(JSONNumber(rounded(initMs))))
        }
        var record: JSONObject = [
            "requestId": .string(invocation.requestID), "metrics": .object(metrics),
        ]
        append(report.failure, to: &record)
        telemetry.add(.platform, "platform.report", .object(record))
    }

    private func append(_ failure: LogLines.Report.Failure?, to record: inout JSONObject) {
        switch failure {
        case nil: record.append("status", "success")
        case .timeout: record.append("status", "timeout")
        case .error(let type):
            record.append("status", "error")
            record.append("errorType", .string(type))
        }
    }

    private func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }
}
