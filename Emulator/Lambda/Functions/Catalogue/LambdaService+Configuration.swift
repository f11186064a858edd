import AWSProtocol
import Bytes
import Clock
import JSON

/// How much of a version's state an answer tells.
enum ConfigurationForm {
    case full
    /// ListFunctions and ListVersionsByFunction leave the state out.
    case listed
    /// The answer to CreateFunction and PublishVersion: the version is not there yet.
    case pending
    /// The answer to UpdateFunctionCode and UpdateFunctionConfiguration.
    case updating
}

extension LambdaService {
    /// A version as `FunctionConfiguration`.
    /// - Parameter qualifier: what its ARN ends in; nil for the function's own.
    func configurationJSON(
        _ record: FunctionRecord, _ version: VersionRecord, qualifier: String?,
        _ form: ConfigurationForm = .full
    ) -> JSONObject {
        var object = head(
            record, version.settings, version: version.version, modified: version.modified,
            qualifier: qualifier)
        object.append("CodeSize", .number(JSONNumber(version.code.size)))
        object.append("CodeSha256", .string(Base64.encode(Hex.decode(version.code.digest) ?? [])))
        for (key, value) in version.settings where object[key] == nil && key != "Layers" {
            object.append(key, value)
        }
        if !version.layers.isEmpty {
            object.append(
                "Layers",
                .array(
                    version.layers.map { arn in
                        [
                            "Arn": .string(arn),
                            "CodeSize": .number(JSONNumber(layerVersion(arn)?.code.size ?? 0)),
                        ]
                    }))
        }
        object.append("RevisionId", .string(version.revision))
        addState(
            form == .full ? present(record.name, version.version) : form,
            isLatest: version.version == VersionRecord.latest, to: &object)
        return object
    }

    private func present(_ name: String, _ version: String) -> ConfigurationForm {
        switch activation(name, version) {
        case .pending: .pending
        case .updating: .updating
        case nil: .full
        }
    }

    /// A function of the manifest as `FunctionConfiguration`.
    func configurationJSON(
        _ record: FunctionRecord, _ function: FunctionDefinition, qualifier: String?,
        _ form: ConfigurationForm
    ) async -> JSONObject {
        let code = await descriptions.code(of: function.executablePath)
        var settings: JSONObject = [
            "Runtime": "provided.al2023",
            "Role": .string("arn:aws:iam::\(configuration.accountID):role/\(function.name)"),
            "Handler": .string(function.handler), "Description": .string(function.description),
            "Timeout": .number(JSONNumber((function.timeoutMilliseconds + 999) / 1000)),
            "MemorySize": .number(JSONNumber(function.memoryMB)),
            "TracingConfig": ["Mode": "PassThrough"],
            "Architectures": [.string(RuntimeChoice.ownArchitecture)],
            "EphemeralStorage": ["Size": .number(JSONNumber(function.ephemeralStorageMB))],
            "SnapStart": ["ApplyOn": "None", "OptimizationStatus": "Off"],
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string(function.logGroup)],
        ]
        if !function.environment.isEmpty {
            let variables = function.environment.sorted { $0.key < $1.key }
            settings["Environment"] = [
                "Variables": .object(JSONObject(variables.map { ($0.key, .string($0.value)) }))
            ]
        }
        var object = head(
            record, settings, version: VersionRecord.latest, modified: code.modified, qualifier: qualifier)
        object.append("CodeSize", .number(JSONNumber(code.size)))
        object.append("CodeSha256", .string(code.digest))
        for (key, value) in settings where object[key] == nil { object.append(key, value) }
        object.append("RevisionId", .string(revision(record, nil)))
        addState(form, isLatest: true, to: &object)
        return object
    }

    /// Whichever of both a version is.
    func configurationJSON(
        _ record: FunctionRecord, version: String, qualifier: String?, _ form: ConfigurationForm = .full
    ) async throws(AWSError) -> JSONObject {
        if let found = record.version(version) {
            return configurationJSON(record, found, qualifier: qualifier, form)
        }
        guard version == VersionRecord.latest, let function = declared[record.name] else {
            throw LambdaError.functionNotFound(arn: arn(record.name, qualifier ?? version))
        }
        return await configurationJSON(record, function, qualifier: qualifier, form)
    }

    private func head(
        _ record: FunctionRecord, _ settings: JSONObject, version: String, modified: Timestamp,
        qualifier: String?
    ) -> JSONObject {
        var object: JSONObject = [
            "FunctionName": .string(record.name), "FunctionArn": .string(arn(record.name, qualifier)),
        ]
        for key in ["Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize"] {
            if let value = settings[key] { object.append(key, value) }
        }
        object.append("LastModified", .string(modified.lambdaText))
        object.append("Version", .string(version))
        object.append("PackageType", "Zip")
        return object
    }

    private func addState(_ form: ConfigurationForm, isLatest: Bool, to object: inout JSONObject) {
        let creating: JSONValue = "The function is being created."
        switch form {
        case .listed: return
        case .pending:
            object.append("State", "Pending")
            object.append("StateReason", creating)
            object.append("StateReasonCode", "Creating")
        case .updating:
            object.append("State", "Active")
            object.append("LastUpdateStatus", "InProgress")
            object.append("LastUpdateStatusReason", creating)
            object.append("LastUpdateStatusReasonCode", "Creating")
        case .full:
            object.append("State", "Active")
            if isLatest { object.append("LastUpdateStatus", "Successful") }
        }
        let arn = "arn:aws:lambda:\(configuration.region)::runtime:\(String(repeating: "0", count: 64))"
        object.append("RuntimeVersionConfig", ["RuntimeVersionArn": .string(arn)])
    }
}
