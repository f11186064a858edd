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

    /// Queues inside of the emulator: a name alone, or an object with more about it.
    func queues() throws(ManifestError) -> [String: QueueSettings] {
        let nodes = try root["queues"]?.list() ?? []
        var found: [String: QueueSettings] = [:]
        for node in nodes {
            let isName = node.value.string != nil
            let field = isName ? node : try node.required("name")
            let name = try field.string()
            guard name.utf8.count <= 80,
                name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "_" })
            else { throw field.failure("is not a queue's name: at most 80 letters, digits, '-' and '_'.") }
            guard found[name] == nil else { throw field.failure("is there twice.") }
            found[name] = isName ? QueueSettings() : try queueSettings(node)
        }
        for node in nodes {
            if let other = node["deadLetterQueue"] {
                try Self.check(other, among: found.keys.sorted(), "queues")
            }
        }
        return found
    }

    private func queueSettings(_ node: ManifestNode) throws(ManifestError) -> QueueSettings {
        _ = try node.object(known: ["name", "visibilityTimeout", "deadLetterQueue", "maxReceiveCount"])
        var settings = QueueSettings(
            visibilitySeconds: try node["visibilityTimeout"]?.integer(0...43_200, unit: "seconds"))
        let count = try node["maxReceiveCount"]?.integer(1...1_000, unit: "receives")
        switch (node["deadLetterQueue"], count) {
        case (let other?, let count?):
            guard other.value != node["name"]?.value else { throw other.failure("is the queue itself.") }
            settings.redrive = .init(deadLetters: try other.string(), maximumReceives: count)
        case (nil, nil): break
        default: throw node.failure("has to have both 'deadLetterQueue' and 'maxReceiveCount', or neither.")
        }
        return settings
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
