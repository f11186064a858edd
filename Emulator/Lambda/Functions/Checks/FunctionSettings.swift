import AWSProtocol
import JSON

/// Turns checked input into the settings of a version, as they are stored and shown.
struct FunctionSettings {
    /// Names that functions cannot set ("Defined runtime environment variables").
    static let reservedVariables: Set<String> = [
        "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_MAX_CONCURRENCY",
    ]
    private static let variableBytes = 4_096
    /// Members that are kept as they come and do nothing here.
    private static let kept = ["KMSKeyArn", "FileSystemConfigs", "TenancyConfig"]

    let name: String

    /// The settings of a new function.
    func new(_ input: FunctionInput) throws(AWSError) -> JSONObject {
        guard let runtime = input.runtime, input.handler != nil else {
            throw LambdaError.invalidParameter(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages."
            )
        }
        try Runtimes.check(runtime)
        let usual: JSONObject = [
            "Runtime": "", "Role": "", "Handler": "", "Description": "", "Timeout": 3, "MemorySize": 128,
            "TracingConfig": ["Mode": "PassThrough"], "Architectures": ["x86_64"],
            "EphemeralStorage": ["Size": 512], "SnapStart": ["ApplyOn": "None", "OptimizationStatus": "Off"],
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string("/aws/lambda/\(name)")],
        ]
        var settings = try changed(usual, by: input)
        if let architectures = input.architectures {
            settings["Architectures"] = .array(architectures.map { .string($0) })
        }
        return settings
    }

    /// The settings with what a request says of them.
    func changed(_ old: JSONObject, by input: FunctionInput) throws(AWSError) -> JSONObject {
        var settings = old
        if let runtime = input.runtime {
            try Runtimes.check(runtime)
            settings["Runtime"] = .string(runtime)
        }
        for (key, text) in [
            ("Role", input.role), ("Handler", input.handler), ("Description", input.description),
        ] {
            if let text { settings[key] = .string(text) }
        }
        for (key, number) in [("Timeout", input.timeout), ("MemorySize", input.memory)] {
            if let number { settings[key] = .number(JSONNumber(number)) }
        }
        if let storage = input.storage {
            settings["EphemeralStorage"] = ["Size": .number(JSONNumber(storage))]
        }
        if let mode = input.tracing { settings["TracingConfig"] = ["Mode": .string(mode)] }
        if let variables = input.variables { settings["Environment"] = try environment(variables) }
        if let layers = input.layers {
            settings["Layers"] = layers.isEmpty ? nil : .array(layers.map { .string($0) })
        }
        if let applyOn = input.snapStart {
            let runtime = settings["Runtime"]?.string ?? ""
            guard applyOn == "None" || Runtimes.takeSnapshots(runtime) else {
                throw LambdaError.invalidParameter(
                    "\(runtime) is not supported for SnapStart enabled functions.")
            }
            settings["SnapStart"] = ["ApplyOn": .string(applyOn), "OptimizationStatus": "Off"]
        }
        try changeStructures(&settings, input.document)
        return settings
    }

    private func environment(_ variables: [(String, String)]) throws(AWSError) -> JSONValue {
        let object = JSONValue.object(JSONObject(variables.map { ($0.0, .string($0.1)) }))
        let advice =
            "Lambda was unable to configure your environment variables because the environment variables you have "
            + "provided "
        let reserved = variables.map(\.0).filter { Self.reservedVariables.contains($0) }
        guard reserved.isEmpty else {
            throw LambdaError.invalidParameter(
                advice
                    + "contains reserved keys that are currently not supported for modification. Reserved keys "
                    + "used in this request: \(reserved.joined(separator: ", "))")
        }
        let measured = object.encodedString()
        guard measured.utf8.count <= Self.variableBytes else {
            throw LambdaError.invalidParameter(
                advice + "exceeded the 4KB limit. String measured: \(measured)")
        }
        return ["Variables": object]
    }

    private func changeStructures(
        _ settings: inout JSONObject, _ document: DocumentReader
    ) throws(AWSError) {
        if let target = try document.structure("DeadLetterConfig") {
            let arn = try target.string("TargetArn") ?? ""
            settings["DeadLetterConfig"] = arn.isEmpty ? nil : ["TargetArn": .string(arn)]
        }
        if let vpc = try document.structure("VpcConfig") {
            let subnets = try vpc.strings("SubnetIds") ?? []
            let groups = try vpc.strings("SecurityGroupIds") ?? []
            settings["VpcConfig"] = [
                "SubnetIds": .array(subnets.map { .string($0) }),
                "SecurityGroupIds": .array(groups.map { .string($0) }), "VpcId": "",
                "Ipv6AllowedForDualStack": .bool(try vpc.boolean("Ipv6AllowedForDualStack") ?? false),
            ]
        }
        if let logging = try document.structure("LoggingConfig") {
            settings["LoggingConfig"] = .object(
                Self.logging(settings["LoggingConfig"]?.object ?? JSONObject(), logging.object))
        }
        for key in Self.kept where document.has(key) { settings[key] = document.object[key] }
        if settings["KMSKeyArn"]?.string == "" { settings["KMSKeyArn"] = nil }
    }

    /// JSON logs have levels, text has none.
    private static func logging(_ old: JSONObject, _ new: JSONObject) -> JSONObject {
        var config = old
        if new["LogFormat"]?.string == "JSON" {
            for key in ["ApplicationLogLevel", "SystemLogLevel"] { config[key] = "INFO" }
        }
        for (key, value) in new where !value.isNull { config[key] = value }
        if config["LogFormat"]?.string != "JSON" {
            for key in ["ApplicationLogLevel", "SystemLogLevel"] { config[key] = nil }
        }
        return config
    }
}
