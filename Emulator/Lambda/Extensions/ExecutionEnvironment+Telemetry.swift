import JSON

/// The platform's events, told to extensions (AWS Lambda Developer Guide, "Lambda Telemetry API Event schema
/// reference"). What they say is the log's: ``PlatformEvent``.
extension ExecutionEnvironment {
    /// nil when nobody wants to know.
    private var telemetry: Telemetry? {
        guard let telemetry = extensions?.telemetry, telemetry.isWanted else { return nil }
        return telemetry
    }

    func noteInitStart() {
        var facts = initFacts
        facts.logStream = logStream.split(separator: "]").last.map(String.init) ?? ""
        tell(.initStart(facts))
    }

    /// The runtime has polled.
    func noteInitDone(milliseconds: Double) {
        guard let telemetry else { return }
        tell(.initEnd(initFacts, milliseconds: milliseconds, phase: "init", failure: nil))
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
        tell(.start(requestID: invocation.requestID, version: host.definition.version)) { record in
            record.append("tracing", ["type": "X-Amzn-Trace-Id", "value": .string(invocation.traceID)])
        }
    }

    /// The end of an invocation: what the runtime took, then what is billed.
    func noteEnd(_ invocation: Invocation, _ report: LogLines.Report) {
        guard let telemetry else { return }
        for record in PlatformEvent.end(report, producedBytes: invocation.producedBytes).records {
            if record.type == "report" {
                telemetry.add(.platform, "platform.end", ["requestId": .string(invocation.requestID)])
            }
            telemetry.add(.platform, "platform.\(record.type)", .object(record.record))
        }
    }

    /// - Parameter adding: puts into each record what logs do not have.
    private func tell(_ event: PlatformEvent, adding: (inout JSONObject) -> Void = { _ in }) {
        guard let telemetry else { return }
        for record in event.records {
            var members = record.record
            adding(&members)
            telemetry.add(.platform, "platform.\(record.type)", .object(members))
        }
    }
}
