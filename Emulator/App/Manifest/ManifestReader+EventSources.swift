import JSON
import Lambda

extension ManifestReader {
    /// Names of AWS's members, which the manifest writes with a small letter in front.
    private static let settings = [
        "batchSize", "maximumBatchingWindowInSeconds", "startingPosition", "parallelizationFactor",
        "maximumRetryAttempts", "maximumRecordAgeInSeconds", "bisectBatchOnFunctionError",
        "tumblingWindowInSeconds", "functionResponseTypes", "enabled",
    ]

    /// Tables and queues that a function is called for.
    func eventSources(_ function: ManifestNode, _ queues: [String]) throws(ManifestError) -> [Manifest
        .EventSource]
    {
        guard let list = function["eventSources"] else { return [] }
        var sources: [Manifest.EventSource] = []
        for node in try list.list() {
            let members = try node.object(known: ["table", "queue", "filters", "onFailure"] + Self.settings)
            let kind: Manifest.EventSource.Kind
            switch (node["table"], node["queue"]) {
            case (let table?, nil): kind = .table(try table.string())
            case (nil, let queue?):
                try Self.check(queue, among: queues, "queues")
                kind = .queue(try queue.string())
            default: throw node.failure("has to name either a 'table' or a 'queue'.")
            }
            var settings: JSONObject = [:]
            for (name, member) in members where Self.settings.contains(name) {
                settings[name.prefix(1).uppercased() + name.dropFirst()] = member.value
            }
            if case .table = kind, settings["StartingPosition"] == nil {
                settings["StartingPosition"] = "TRIM_HORIZON"
            }
            if let filters = node["filters"] { settings["FilterCriteria"] = try patterns(filters) }
            if let arn = try node["onFailure"]?.string() {
                settings["DestinationConfig"] = ["OnFailure": ["Destination": .string(arn)]]
            }
            sources.append(Manifest.EventSource(kind: kind, settings: settings))
        }
        return sources
    }

    private func patterns(_ list: ManifestNode) throws(ManifestError) -> JSONValue {
        var filters: [JSONValue] = []
        for node in try list.list() {
            let text = node.value.encodedString()
            do throws(EventPattern.Invalid) { _ = try EventPattern(text) } catch {
                throw node.failure("is no event pattern: \(error.reason).")
            }
            filters.append(["Pattern": .string(text)])
        }
        return ["Filters": .array(filters)]
    }

    /// Queues inside of the emulator.
    func queues() throws(ManifestError) -> [String] {
        var names: [String] = []
        for node in try root["queues"]?.list() ?? [] {
            let name = try node.string()
            guard name.utf8.count <= 80,
                name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "_" })
            else { throw node.failure("is not a queue's name: at most 80 letters, digits, '-' and '_'.") }
            guard !names.contains(name) else { throw node.failure("is there twice.") }
            names.append(name)
        }
        return names
    }

    /// Functions that are called by the clock.
    func schedules(_ functions: [String]) throws(ManifestError) -> [Schedule] {
        var schedules: [Schedule] = []
        for node in try root["schedules"]?.list() ?? [] {
            _ = try node.object(known: ["name", "function", "expression", "input", "enabled"])
            let function = try node.required("function")
            try Self.check(function, among: functions)
            let expression = try node.required("expression")
            let usual = "\(try function.string())-\(schedules.count + 1)"
            let name = try node["name"]?.string() ?? usual
            guard !schedules.contains(where: { $0.name == name }) else {
                throw node.failure("has the name '\(name)', as another schedule does.")
            }
            let input = node["input"]?.value.encoded()
            let (target, text) = (try function.string(), try expression.string())
            let isEnabled = try node["enabled"]?.bool() ?? true
            do throws(ScheduleExpression.Invalid) {
                let schedule = try Schedule(name: name, function: target, expression: text, input: input)
                if isEnabled { schedules.append(schedule) }
            } catch {
                throw expression.failure("is no schedule: \(error.reason).")
            }
        }
        return schedules
    }
}
