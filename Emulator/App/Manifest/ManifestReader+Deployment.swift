import JSON
import Lambda
import Objects
import StackTemplate

/// What other parts of the manifest may name.
struct DeclaredNames {
    let functions: [String]
    let tables: [String]
    let buckets: [String]
    let queues: [String]
}

/// What `emulator deploy` needs beside what the emulator runs: stages, permissions, architectures, warm-up.
extension ManifestReader {
    private static let architectures = ["x86_64", "arm64"]
    /// CloudWatch Logs API Reference, PutRetentionPolicy.
    static let retentionDays = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922,
        3_288,
        3_653,
    ]
    /// CodeDeploy's configurations for Lambda.
    static let preferences = [
        "AllAtOnce", "Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes",
        "Canary10Percent30Minutes", "Linear10PercentEvery1Minute", "Linear10PercentEvery2Minutes",
        "Linear10PercentEvery3Minutes", "Linear10PercentEvery10Minutes",
    ]

    func checkDeployment(_ names: DeclaredNames) throws(ManifestError) {
        for (_, function) in try root["functions"]?.object() ?? [] {
            _ = try function["architecture"]?.choice(Self.architectures)
            for permission in try function["permissions"]?.list() ?? [] { try check(permission, names) }
        }
        guard let deployment = root["deployment"] else { return }
        _ = try deployment.object(known: ["architecture", "artifactBucket", "stages"])
        _ = try deployment["architecture"]?.choice(Self.architectures)
        _ = try deployment["artifactBucket"]?.string()
        for (_, stage) in try deployment["stages"]?.object(known: Stage.Name.allCases.map(\.rawValue)) ?? [] {
            try check(stage: stage, names)
        }
    }

    private func check(_ permission: ManifestNode, _ names: DeclaredNames) throws(ManifestError) {
        let kinds = ["table", "bucket", "queue", "function", "webSocketApi", "resource"]
        let members = try permission.object(known: ["actions", "keys"] + kinds)
        guard members.filter({ kinds.contains($0.name) }).count == 1 else {
            throw permission.failure("has to name one of \(kinds.joined(separator: ", ")), and only one.")
        }
        let actions = try permission.required("actions")
        for action in try actions.list() {
            let parts = try action.string().split(separator: ":", omittingEmptySubsequences: false)
            let isGood =
                parts.count == 2
                && parts.allSatisfy { part in
                    !part.isEmpty && part.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" }
                }
            guard isGood else {
                throw action.failure(
                    "is no action of IAM; write one such as \"dynamodb:GetItem\", each by its name, without '*'."
                )
            }
        }
        guard try !actions.list().isEmpty else { throw actions.failure("is empty; name an action.") }
        let lists: [(String, [String], String)] = [
            ("table", names.tables, "tables"), ("bucket", names.buckets, "buckets"),
            ("queue", names.queues, "queues"), ("function", names.functions, "functions"),
        ]
        for (kind, known, list) in lists {
            if let node = permission[kind] { try Self.check(node, among: known, list) }
        }
        if let keys = permission["keys"] {
            guard permission["bucket"] != nil else { throw keys.failure("needs a 'bucket' beside it.") }
            _ = try keys.string()
        }
        if let resource = permission["resource"] {
            let text = try resource.string()
            guard text == "*" || text.hasPrefix("arn:") else {
                throw resource.failure(
                    "has to be \"*\" or an ARN, such as \"arn:aws:ssm:us-east-1:123456789012:parameter/x\".")
            }
        }
        if let api = permission["webSocketApi"], try !api.bool() || root["webSocketApi"] == nil {
            throw api.failure("has to be true, and the manifest has to have a webSocketApi.")
        }
    }

    private func check(stage: ManifestNode, _ names: DeclaredNames) throws(ManifestError) {
        _ = try stage.object(known: [
            "environment", "functions", "logRetentionDays", "alarms", "warmUp", "deploymentPreference",
            "retainData", "pointInTimeRecovery",
        ])
        _ = try environment(stage["environment"])
        for (name, function) in try stage["functions"]?.object() ?? [] {
            guard names.functions.contains(name) else {
                throw function.failure("is not the name of a function under 'functions'.")
            }
            _ = try function.object(known: [
                "memorySize", "timeout", "reservedConcurrency", "provisionedConcurrency", "environment",
            ])
            _ = try function["memorySize"]?.integer(128...10_240, unit: "MB")
            _ = try function["timeout"]?.integer(1...900, unit: "seconds")
            _ = try function["reservedConcurrency"]?.integer(0...1_000, unit: "execution environments")
            _ = try function["provisionedConcurrency"]?.integer(0...1_000, unit: "execution environments")
            _ = try environment(function["environment"])
        }
        if let days = stage["logRetentionDays"] {
            guard let number = days.value.int, Self.retentionDays.contains(number) else {
                let known = Self.retentionDays.map(String.init).joined(separator: ", ")
                throw days.failure("has to be a number of days that CloudWatch Logs knows: \(known).")
            }
        }
        _ = try stage["warmUp"]?.bool()
        _ = try stage["retainData"]?.bool()
        _ = try stage["pointInTimeRecovery"]?.bool()
        _ = try stage["deploymentPreference"]?.choice(Self.preferences)
        try check(alarms: stage["alarms"])
    }

    private func check(alarms node: ManifestNode?) throws(ManifestError) {
        guard let node, node.value.bool != false else { return }
        _ = try node.object(known: ["errors", "throttles", "durationPercent", "periodSeconds", "topicArn"])
        _ = try node["errors"]?.integer(1...1_000_000, unit: "failed calls")
        _ = try node["throttles"]?.integer(1...1_000_000, unit: "throttled calls")
        _ = try node["durationPercent"]?.integer(1...100, unit: "percent of the timeout")
        if let period = node["periodSeconds"] {
            guard try period.integer(60...86_400, unit: "seconds") % 60 == 0 else {
                throw period.failure("has to be a multiple of 60.")
            }
        }
        if let topic = node["topicArn"], try !topic.string().hasPrefix("arn:") {
            throw topic.failure("has to be the ARN of an SNS topic.")
        }
    }

    /// Calls by the clock that keep functions ready: the emulator makes them as EventBridge does.
    func warmUps() throws(ManifestError) -> [Schedule] {
        var schedules: [Schedule] = []
        for (name, function) in try root["functions"]?.object() ?? [] {
            guard let node = function["warmUp"] else { continue }
            if node.value.bool == nil { _ = try node.object(known: ["expression", "input"]) }
            guard let warmUp = WarmUp(node.value) else { continue }
            do throws(ScheduleExpression.Invalid) {
                schedules.append(
                    try Schedule(
                        name: "\(name)-warm-up", function: name, expression: warmUp.expression,
                        input: warmUp.event.encoded()))
            } catch {
                throw (node["expression"] ?? node).failure("is no schedule: \(error.reason).")
            }
        }
        return schedules
    }

    func lifecycle(_ node: ManifestNode?) throws(ManifestError) -> [ObjectsService.LifecycleInput] {
        guard let node else { return [] }
        var rules: [ObjectsService.LifecycleInput] = []
        for rule in try node.list() {
            _ = try rule.object(known: [
                "id", "prefix", "expirationDays", "abortIncompleteMultipartUploadDays", "transitionDays",
                "transitionStorageClass",
            ])
            var input = ObjectsService.LifecycleInput(
                id: try rule["id"]?.string() ?? "rule-\(rules.count + 1)",
                prefix: try rule["prefix"]?.string() ?? "")
            let days = 1...Int(Int32.max)
            input.expirationDays = try rule["expirationDays"]?.integer(days, unit: "days")
            input.abortUploadsDays = try rule["abortIncompleteMultipartUploadDays"]?.integer(
                days, unit: "days")
            switch (rule["transitionDays"], rule["transitionStorageClass"]) {
            case (let after?, let storageClass?):
                input.transition = (
                    days: try after.integer(0...Int(Int32.max), unit: "days"),
                    storageClass: try storageClass.string()
                )
            case (nil, nil): break
            default:
                throw rule.failure(
                    "has to have both 'transitionDays' and 'transitionStorageClass', or neither.")
            }
            do { try ObjectsService.check(rules + [input]) } catch {
                throw rule.failure("cannot be used: \(error.message ?? error.code)")
            }
            rules.append(input)
        }
        return rules
    }
}
