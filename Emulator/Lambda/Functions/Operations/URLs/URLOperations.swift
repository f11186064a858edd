import AWSProtocol
import JSON
import Net

extension LambdaOperation {
    private static let path = "/2021-10-31/functions/{FunctionName}/url"

    static let urls = [
        LambdaOperation("CreateFunctionUrlConfig", "POST", path, run: CreateFunctionUrlConfig.run),
        LambdaOperation("GetFunctionUrlConfig", "GET", path, run: GetFunctionUrlConfig.run),
        LambdaOperation("UpdateFunctionUrlConfig", "PUT", path, run: UpdateFunctionUrlConfig.run),
        LambdaOperation("DeleteFunctionUrlConfig", "DELETE", path, run: DeleteFunctionUrlConfig.run),
        LambdaOperation(
            "ListFunctionUrlConfigs", "GET", "/2021-10-31/functions/{FunctionName}/urls",
            run: ListFunctionUrlConfigs.run),
    ]
}

/// What CreateFunctionUrlConfig and UpdateFunctionUrlConfig say of a function URL.
struct URLInput {
    var authType: String?
    var invokeMode: String?
    /// nil leaves it as it is.
    var cors: JSONObject?

    private static let methods = ["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"]

    init(_ document: DocumentReader, _ checks: inout ShapeChecks) throws(AWSError) {
        authType = try document.string("AuthType")
        invokeMode = try document.string("InvokeMode")
        if let authType { checks.choice(authType, at: "authType", of: ["NONE", "AWS_IAM"]) }
        if let invokeMode {
            checks.choice(invokeMode, at: "invokeMode", of: ["RESPONSE_STREAM", "BUFFERED"])
        }
        guard let cors = try document.structure("Cors") else { return }
        _ = try cors.boolean("AllowCredentials")
        if let age = try cors.integer("MaxAge") { checks.value(age, at: "cors.maxAge", in: 0...86_400) }
        for (name, place, most) in [
            ("AllowHeaders", "cors.allowHeaders", 100), ("AllowOrigins", "cors.allowOrigins", 100),
            ("ExposeHeaders", "cors.exposeHeaders", 100), ("AllowMethods", "cors.allowMethods", 6),
        ] {
            guard let values = try cors.strings(name), values.count > most else { continue }
            checks.fault(
                "[\(values.joined(separator: ", "))]", at: place, "have length less than or equal to \(most)")
        }
        for method in try cors.strings("AllowMethods") ?? [] where method.utf8.count > 6 {
            checks.note(
                "Value '[\((try cors.strings("AllowMethods") ?? []).joined(separator: ", "))]' at "
                    + "'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: [Member must "
                    + "have length less than or equal to 6, Member must have length greater than or equal to 0, "
                    + "Member must satisfy regular expression pattern: .*, Member must not be null]")
            break
        }
        if let method = try cors.strings("AllowMethods")?.first(where: {
            $0.utf8.count <= 6 && !Self.methods.contains($0)
        }) {
            throw LambdaError.invalidParameter("The method \(method) is not allowed in AllowMethods.")
        }
        self.cors = JSONObject(cors.object.filter { !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    /// The alias of a URL; nil for the function itself. Neither versions nor `$LATEST` have URLs by those names.
    static func target(_ request: LambdaRequest, _ given: ShapeChecks = ShapeChecks()) throws(AWSError)
        -> FunctionTarget
    {
        var checks = given
        if let qualifier = request.query("Qualifier") {
            checks.pattern(
                qualifier, at: "qualifier", #"((?!^\\d+$)^[0-9a-zA-Z-_]+$)"#,
                fits: Patterns.isAlias(qualifier))
        }
        return try FunctionTarget(
            request.path("FunctionName"), qualifier: checks.faults.isEmpty ? request.query("Qualifier") : nil,
            checks: checks, request.context)
    }
}

extension LambdaService {
    /// A function URL as `FunctionUrlConfig`.
    func urlJSON(_ url: URLRecord, _ name: String, _ qualifier: String) -> JSONObject {
        var object: JSONObject = [
            "FunctionUrl": .string(urlText(url)),
            "FunctionArn": .string(arn(name, qualifier == VersionRecord.latest ? nil : qualifier)),
            "AuthType": .string(url.authType),
        ]
        if let cors = url.cors { object.append("Cors", .object(cors)) }
        object.append("CreationTime", .string(url.created.lambdaText))
        object.append("LastModifiedTime", .string(url.modified.lambdaText))
        object.append("InvokeMode", .string(url.invokeMode))
        return object
    }

    /// Where a function URL is served; without TLS, and by a name that leads to this machine.
    func urlText(_ url: URLRecord) -> String {
        let port = neighbours.port == 0 ? "" : ":\(neighbours.port)"
        return "http://\(url.id).\(FunctionURLHost.label).\(configuration.region).localhost\(port)/"
    }

    /// The function of a URL and, if an alias is meant, that this is there.
    func urlRecord(_ target: FunctionTarget, missing: String) throws(AWSError) -> FunctionRecord {
        guard let record = try? record(target.name) else { throw LambdaError.notFound(missing) }
        if let qualifier = target.qualifier, record.aliases[qualifier] == nil {
            throw LambdaError.notFound(missing)
        }
        return record
    }
}

enum URLTexts {
    static let noFunction = "Function does not exist"
    static let noURL = "The resource you requested does not exist."
}
