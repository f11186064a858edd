import AWSProtocol
import JSON

/// What CreateFunction and UpdateFunctionConfiguration say of a function, checked for its shape.
struct FunctionInput {
    let document: DocumentReader
    var role: String?
    var handler: String?
    var runtime: String?
    var description: String?
    var timeout: Int?
    var memory: Int?
    var storage: Int?
    var architectures: [String]?
    /// In the request's order.
    var variables: [(String, String)]?
    var layers: [String]?
    var tracing: String?
    var snapStart: String?

    /// Reads the members and notes what is wrong with each.
    init(_ document: DocumentReader, _ checks: inout ShapeChecks) throws(AWSError) {
        self.document = document
        role = try document.string("Role")
        handler = try document.string("Handler")
        runtime = try document.string("Runtime")
        description = try document.string("Description")
        timeout = try document.integer("Timeout")
        memory = try document.integer("MemorySize")
        storage = try document.structure("EphemeralStorage")?.integer("Size")
        architectures = try document.strings("Architectures")
        variables = try document.structure("Environment").map { reader throws(AWSError) in
            try reader.map("Variables") ?? []
        }
        layers = try document.strings("Layers")
        tracing = try document.structure("TracingConfig")?.string("Mode")
        snapStart = try document.structure("SnapStart")?.string("ApplyOn")
        checkTexts(&checks)
        checkNumbers(&checks)
        checkLists(&checks)
        try checkStructures(&checks)
    }

    private func checkTexts(_ checks: inout ShapeChecks) {
        if let role { checks.pattern(role, at: "role", Patterns.role, fits: Patterns.isRole(role)) }
        if let handler {
            checks.length(handler, at: "handler", in: 0...128)
            checks.pattern(handler, at: "handler", #"[^\s]+"#, fits: Patterns.hasNoSpace(handler))
        }
        if let description { checks.length(description, at: "description", in: 0...256) }
        if let tracing { checks.choice(tracing, at: "tracingConfig.mode", of: ["Active", "PassThrough"]) }
        if let snapStart {
            checks.choice(snapStart, at: "snapStart.applyOn", of: ["PublishedVersions", "None"])
        }
    }

    private func checkNumbers(_ checks: inout ShapeChecks) {
        if let timeout { checks.value(timeout, at: "timeout", in: 1...900) }
        if let memory { checks.value(memory, at: "memorySize", in: 128...10_240) }
        if let storage { checks.value(storage, at: "ephemeralStorage.size", in: 512...10_240) }
    }

    private func checkLists(_ checks: inout ShapeChecks) {
        if let architectures { Self.check(architectures, &checks) }
        for (name, _) in variables ?? [] {
            guard let first = name.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic,
                name.utf8.count > 1, Patterns.isWord(name, also: "_")
            else {
                checks.note(
                    "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy "
                        + "constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
                )
                break
            }
        }
        for layer in layers ?? [] where LayerReference(layer)?.version == nil {
            checks.note(
                "Value '[\((layers ?? []).joined(separator: ", "))]' at 'layers' failed to satisfy constraint: "
                    + "Member must satisfy constraint: [Member must have length less than or equal to 2048, "
                    + "Member must have length greater than or equal to 1, Member must satisfy regular expression "
                    + "pattern: \(LayerReference.versionPattern), Member must not be null]")
            break
        }
    }

    /// Also UpdateFunctionCode's.
    static func check(_ architectures: [String], _ checks: inout ShapeChecks) {
        let shown = "[\(architectures.joined(separator: ", "))]"
        if architectures.isEmpty {
            checks.fault(shown, at: "architectures", "have length greater than or equal to 1")
        } else if architectures.count > 1 {
            checks.fault(shown, at: "architectures", "have length less than or equal to 1")
        }
        if architectures.contains(where: { !["x86_64", "arm64"].contains($0) }) {
            checks.fault(
                shown, at: "architectures",
                "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
            )
        }
    }

    private func checkStructures(_ checks: inout ShapeChecks) throws(AWSError) {
        let pattern = #"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"#
        if let target = try document.structure("DeadLetterConfig")?.string("TargetArn") {
            checks.pattern(
                target, at: "deadLetterConfig.targetArn", pattern, fits: Patterns.isARNOrEmpty(target))
        }
        if let key = try document.string("KMSKeyArn") {
            checks.pattern(key, at: "kMSKeyArn", pattern, fits: Patterns.isARNOrEmpty(key))
        }
        if let logging = try document.structure("LoggingConfig") {
            if let format = try logging.string("LogFormat") {
                checks.choice(format, at: "loggingConfig.logFormat", of: ["JSON", "Text"])
            }
            if let level = try logging.string("ApplicationLogLevel") {
                checks.choice(
                    level, at: "loggingConfig.applicationLogLevel",
                    of: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
            }
            if let level = try logging.string("SystemLogLevel") {
                checks.choice(level, at: "loggingConfig.systemLogLevel", of: ["DEBUG", "INFO", "WARN"])
            }
            if let group = try logging.string("LogGroup") {
                checks.length(group, at: "loggingConfig.logGroup", in: 1...512)
                checks.pattern(
                    group, at: "loggingConfig.logGroup", #"[\.\-_/#A-Za-z0-9]+"#,
                    fits: Patterns.isWord(group, also: ".-_/#"))
            }
        }
        try checkFileSystems(&checks)
        if let tenancy = try document.structure("TenancyConfig") {
            if let mode = try tenancy.string("TenantIsolationMode") {
                checks.choice(mode, at: "tenancyConfig.tenantIsolationMode", of: ["PER_TENANT"])
            } else {
                checks.missing("tenancyConfig.tenantIsolationMode")
            }
        }
        if let vpc = try document.structure("VpcConfig") {
            _ = try vpc.strings("SubnetIds")
            _ = try vpc.strings("SecurityGroupIds")
        }
    }

    /// Nothing is mounted, but what is stored has to be what AWS would take.
    private func checkFileSystems(_ checks: inout ShapeChecks) throws(AWSError) {
        guard let list = try document.structures("FileSystemConfigs") else { return }
        if list.count > 1 {
            let shown = JSONValue.array(list.map { .object($0.object) }).encodedString()
            checks.fault(shown, at: "fileSystemConfigs", "have length less than or equal to 1")
        }
        for (index, config) in list.enumerated() {
            let place = "fileSystemConfigs.\(index + 1).member"
            if let arn = try config.string("Arn") {
                checks.length(arn, at: "\(place).arn", in: 0...200)
                checks.pattern(
                    arn, at: "\(place).arn", Patterns.accessPoint, fits: Patterns.isAccessPoint(arn))
            } else {
                checks.missing("\(place).arn")
            }
            if let path = try config.string("LocalMountPath") {
                checks.length(path, at: "\(place).localMountPath", in: 0...160)
                checks.pattern(
                    path, at: "\(place).localMountPath", #"^/mnt/[a-zA-Z0-9-_.]+$"#,
                    fits: path.hasPrefix("/mnt/") && Patterns.isWord(path.dropFirst(5), also: "-_."))
            } else {
                checks.missing("\(place).localMountPath")
            }
        }
    }
}
