/// The environment of a function's process: exactly what `provided.al2023` sets, and the function's own.
enum EnvironmentVariables {
    /// What differs from one execution environment to the next.
    struct Facts {
        var configuration: LambdaConfiguration
        var definition: FunctionDefinition
        /// `host:port` of this environment's Runtime API.
        var runtimeAPI: String
        var logStream: String
        /// What stands for `/var/task`.
        var taskRoot: String
        /// What stands for `/tmp`; nil where it is `/tmp`.
        var temporaryFolder: String?
        var isProvisioned: Bool
    }

    /// - Returns: `NAME=value`, sorted by name.
    static func list(_ facts: Facts) -> [String] {
        var variables = replaceable(facts)
        variables.merge(facts.definition.environment) { $1 }
        variables.merge(reserved(facts)) { $1 }
        return variables.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// What a function may set otherwise.
    private static func replaceable(_ facts: Facts) -> [String: String] {
        var variables = [
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
            "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:"
                + "\(facts.taskRoot):\(facts.taskRoot)/lib:/opt/lib",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        ]
        if let folder = facts.temporaryFolder {
            // Not Lambda's: these are for functions that cannot have files of their own.
            variables["TMPDIR"] = folder
            variables["MUMBLE_RUNTIME_PIPELINE"] = "1"
        }
        return variables
    }

    /// What Lambda keeps for itself. `AWS_EXECUTION_ENV` is not among it for custom runtimes.
    private static func reserved(_ facts: Facts) -> [String: String] {
        let configuration = facts.configuration
        let definition = facts.definition
        var variables = [
            "AWS_ACCESS_KEY_ID": configuration.accessKeys[definition.name]
                ?? configuration.credentials.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": configuration.credentials.secretAccessKey,
            "AWS_REGION": configuration.region,
            "AWS_DEFAULT_REGION": configuration.region,
            "AWS_LAMBDA_FUNCTION_NAME": definition.name,
            "AWS_LAMBDA_FUNCTION_VERSION": definition.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(definition.memoryMB)",
            "AWS_LAMBDA_INITIALIZATION_TYPE": facts.isProvisioned ? "provisioned-concurrency" : "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": definition.logGroup,
            "AWS_LAMBDA_LOG_STREAM_NAME": facts.logStream,
            "AWS_LAMBDA_RUNTIME_API": facts.runtimeAPI,
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
            "_AWS_XRAY_DAEMON_PORT": "2000",
            "LAMBDA_TASK_ROOT": facts.taskRoot,
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": definition.handler,
        ]
        // Long-lived keys, as an emulator's mostly are, have no token; an empty one would be sent along.
        variables["AWS_SESSION_TOKEN"] = configuration.credentials.sessionToken
        if definition.logging.format == .json {
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = definition.logging.applicationLevel.rawValue
        }
        if definition.concurrencyPerEnvironment > 1 {
            variables["AWS_LAMBDA_MAX_CONCURRENCY"] = "\(definition.concurrencyPerEnvironment)"
        }
        return variables
    }
}

extension FunctionDefinition {
    var logGroup: String { logging.group ?? "/aws/lambda/\(name)" }
}
