import JSON

/// What calls functions beside APIs: streams, queues and the clock.
extension StackBuilder {
    private static let mappingMembers: [(from: String, to: String)] = [
        ("batchSize", "BatchSize"), ("maximumBatchingWindowInSeconds", "MaximumBatchingWindowInSeconds"),
        ("parallelizationFactor", "ParallelizationFactor"), ("maximumRetryAttempts", "MaximumRetryAttempts"),
        ("maximumRecordAgeInSeconds", "MaximumRecordAgeInSeconds"),
        ("bisectBatchOnFunctionError", "BisectBatchOnFunctionError"),
        ("tumblingWindowInSeconds", "TumblingWindowInSeconds"),
        ("functionResponseTypes", "FunctionResponseTypes"), ("enabled", "Enabled"),
    ]

    mutating func addEventSources() throws(Undeployable) {
        for (name, function) in manifest["functions"]?.object ?? [:] {
            for (index, source) in (function["eventSources"]?.array ?? []).enumerated() {
                let path = ["functions", name, "eventSources", "\(index)"]
                var properties: JSONObject = ["FunctionName": Self.alias(of: name)]
                let origin: String
                if let table = source["table"]?.string {
                    guard tableNames.contains(table) else {
                        throw Undeployable(
                            path + ["table"],
                            "names '\(table)', which is not under 'tables'; declare it there.")
                    }
                    origin = table
                    properties["EventSourceArn"] = .attribute(Names.identifier(table, "Table"), "StreamArn")
                    properties["StartingPosition"] = source["startingPosition"] ?? "TRIM_HORIZON"
                } else {
                    origin = source["queue"]?.string ?? ""
                    properties["EventSourceArn"] = .attribute(Names.identifier(origin, "Queue"), "Arn")
                }
                properties.copy(Self.mappingMembers, of: source)
                if let filters = source["filters"]?.array {
                    properties["FilterCriteria"] = [
                        "Filters": .array(filters.map { ["Pattern": .string($0.encodedString())] })
                    ]
                }
                if let arn = source["onFailure"]?.string {
                    properties["DestinationConfig"] = ["OnFailure": ["Destination": destinationARN(arn)]]
                }
                _ = addNumbered(
                    Names.identifier("\(name) \(origin)", "EventSource"), "AWS::Lambda::EventSourceMapping",
                    properties)
            }
        }
    }

    private func destinationARN(_ arn: String) -> JSONValue {
        switch destination(arn) {
        case .queue(let name): .attribute(Names.identifier(name, "Queue"), "Arn")
        case .bucket(let name): names.bucketARN(name)
        case .other(let arn): .string(arn)
        }
    }

    mutating func addSchedules() throws(Undeployable) {
        for (index, schedule) in (manifest["schedules"]?.array ?? []).enumerated() {
            guard let function = schedule["function"]?.string, let expression = schedule["expression"] else {
                continue
            }
            let name = schedule["name"]?.string ?? "\(function)-\(index + 1)"
            try addRule(
                name, function, expression, input: schedule["input"],
                isEnabled: schedule["enabled"]?.bool ?? true,
                at: ["schedules", "\(index)"])
        }
        guard stage.warmsUp else { return }
        for (name, function) in manifest["functions"]?.object ?? [:] {
            guard let warmUp = WarmUp(function["warmUp"]) else { continue }
            try addRule(
                "\(name)-warm-up", name, .string(warmUp.expression), input: warmUp.event, isEnabled: true,
                at: ["functions", name, "warmUp"])
        }
    }

    private mutating func addRule(
        _ name: String, _ function: String, _ expression: JSONValue, input: JSONValue?, isEnabled: Bool,
        at path: [String]
    ) throws(Undeployable) {
        let ruleName = names.function(name)
        guard ruleName.utf8.count <= 64 else {
            throw Undeployable(
                path,
                "makes the rule '\(ruleName)', and EventBridge allows 64 characters; give it a shorter 'name'."
            )
        }
        let id = try identifier("Rule", name, at: path)
        var target: JSONObject = ["Id": "function", "Arn": Self.alias(of: function)]
        if let input { target["Input"] = .string(input.encodedString()) }
        add(
            id, "AWS::Events::Rule",
            [
                "Name": .string(ruleName), "ScheduleExpression": expression,
                "State": isEnabled ? "ENABLED" : "DISABLED", "Targets": [.object(target)],
            ])
        addPermission(
            "\(id)Permission", function: function, principal: "events.amazonaws.com",
            source: .attribute(id, "Arn"))
    }
}
