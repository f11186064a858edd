import JSON

/// Functions with all that belongs to one: role, log group, alarms, alias.
extension StackBuilder {
    mutating func addFunctions(package: (String) -> String, folder: (String) -> String) throws(Undeployable) {
        for (name, function) in manifest["functions"]?.object ?? [:] {
            let id = try identifier("Function", name, at: ["functions", name])
            addLogGroup(name)
            addRole(name, function)
            var properties = code(name, function, package(name))
            if let layer = function["layer"]?.string {
                let layerID = Names.identifier(name, "Layer")
                add(
                    layerID, "AWS::Serverless::LayerVersion",
                    [
                        "LayerName": .string(names.function(name)), "ContentUri": .string(folder(layer)),
                        "CompatibleRuntimes": ["provided.al2023"], "RetentionPolicy": "Delete",
                    ])
                properties["Layers"] = [.ref(layerID)]
            }
            properties["DeploymentPreference"] = preference(name)
            add(id, "AWS::Serverless::Function", properties)
            if let alarms = stage.alarms { addAlarms(name, alarms, timeout: timeout(name)) }
        }
    }

    /// Where the stage says nothing, the function's own setting counts, then Lambda's default.
    private func setting(_ name: String, _ field: String) -> JSONValue? {
        stage.settings(of: name)?[field] ?? manifest["functions"]?[name]?[field]
    }

    /// Seconds.
    func timeout(_ name: String) -> Int { setting(name, "timeout")?.int ?? 3 }

    private func code(_ name: String, _ function: JSONValue, _ package: String) -> JSONObject {
        let architecture =
            function["architecture"]?.string ?? manifest["deployment"]?["architecture"]?.string ?? "x86_64"
        var properties: JSONObject = [
            "FunctionName": .string(names.function(name)), "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Architectures": [.string(architecture)], "CodeUri": .string(package),
            "MemorySize": setting(name, "memorySize") ?? 128, "Timeout": .int(timeout(name)),
            "Role": .attribute(Names.identifier(name, "Role"), "Arn"), "AutoPublishAlias": "live",
            // A change of memory or variables is a new version, too.
            "AutoPublishAliasAllProperties": true,
        ]
        if let reserved = setting(name, "reservedConcurrency") {
            properties["ReservedConcurrentExecutions"] = reserved
        }
        if let count = setting(name, "provisionedConcurrency"), let number = count.int, number > 0 {
            properties["ProvisionedConcurrencyConfig"] = ["ProvisionedConcurrentExecutions": count]
        }
        if let storage = function["ephemeralStorage"] { properties["EphemeralStorage"] = ["Size": storage] }
        let variables = environment(of: name)
        if !variables.isEmpty { properties["Environment"] = ["Variables": .object(variables)] }
        if let queue = function["deadLetterQueue"]?.string {
            properties["DeadLetterQueue"] = [
                "Type": "SQS", "TargetArn": .attribute(Names.identifier(queue, "Queue"), "Arn"),
            ]
        }
        var logging: JSONObject = ["LogGroup": .ref(Names.identifier(name, "LogGroup"))]
        logging.copy([("logFormat", "LogFormat")], of: function)
        if function["logFormat"]?.string == "JSON" {
            logging.copy(
                [("applicationLogLevel", "ApplicationLogLevel"), ("systemLogLevel", "SystemLogLevel")],
                of: function)
        }
        properties["LoggingConfig"] = .object(logging)
        return properties
    }

    /// Errors during a gradual deployment turn it back.
    private func preference(_ name: String) -> JSONValue {
        var preference: JSONObject = ["Type": .string(stage.preference)]
        if stage.alarms != nil { preference["Alarms"] = [.ref(Names.identifier(name, "ErrorsAlarm"))] }
        return .object(preference)
    }

    private mutating func addLogGroup(_ name: String) {
        add(
            Names.identifier(name, "LogGroup"), "AWS::Logs::LogGroup",
            ["LogGroupName": .string(names.logGroup(name)), "RetentionInDays": .int(stage.logRetention)],
            ["DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"])
    }

    private mutating func addAlarms(_ name: String, _ alarms: Stage.Alarms, timeout: Int) {
        let slow = timeout * 1_000 * alarms.durationPercent / 100
        let kinds: [(String, String, String, Int, String)] = [
            ("ErrorsAlarm", "Errors", "Sum", alarms.errors, "fails"),
            ("ThrottlesAlarm", "Throttles", "Sum", alarms.throttles, "is throttled"),
            ("DurationAlarm", "Duration", "p99", slow, "comes near its timeout"),
        ]
        for (suffix, metric, statistic, threshold, words) in kinds {
            var properties: JSONObject = [
                "AlarmName": .string("\(names.function(name))-\(metric.lowercased())"),
                "AlarmDescription": .string("The function \(name) \(words)."),
                "Namespace": "AWS/Lambda", "MetricName": .string(metric),
                "Dimensions": [
                    ["Name": "FunctionName", "Value": .string(names.function(name))],
                    ["Name": "Resource", "Value": .string("\(names.function(name)):live")],
                ],
                (statistic == "Sum" ? "Statistic" : "ExtendedStatistic"): .string(statistic),
                "Period": .int(alarms.period), "EvaluationPeriods": 1, "Threshold": .int(threshold),
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            ]
            if let topic = alarms.topic { properties["AlarmActions"] = [.string(topic)] }
            add(Names.identifier(name, suffix), "AWS::CloudWatch::Alarm", properties)
        }
    }
}
