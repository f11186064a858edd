import AWSProtocol
import JSON
import Net

extension LambdaOperation {
    private static let path = "/2015-03-31/functions/{FunctionName}/aliases"

    static let aliases = [
        LambdaOperation("CreateAlias", "POST", path, run: CreateAlias.run),
        LambdaOperation("ListAliases", "GET", path, run: ListAliases.run),
        LambdaOperation("GetAlias", "GET", path + "/{Name}", run: GetAlias.run),
        LambdaOperation("UpdateAlias", "PUT", path + "/{Name}", run: UpdateAlias.run),
        LambdaOperation("DeleteAlias", "DELETE", path + "/{Name}", run: DeleteAlias.run),
    ]
}

/// What CreateAlias and UpdateAlias say of an alias.
struct AliasInput {
    static let namePattern = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"

    var version: String?
    var description: String?
    /// nil leaves the weights as they are.
    var weights: [(version: String, weight: JSONNumber)]?

    init(_ document: DocumentReader, _ checks: inout ShapeChecks) throws(AWSError) {
        version = try document.string("FunctionVersion")
        description = try document.string("Description")
        if let version {
            checks.length(version, at: "functionVersion", in: 1...1_024)
            checks.pattern(
                version, at: "functionVersion", #"(\$LATEST|[0-9]+)"#,
                fits: version == VersionRecord.latest || Patterns.isDigits(version))
        }
        if let description { checks.length(description, at: "description", in: 0...256) }
        guard let routing = try document.structure("RoutingConfig") else { return }
        var weights: [(version: String, weight: JSONNumber)] = []
        for (key, value) in try routing.structure("AdditionalVersionWeights")?.object ?? JSONObject() {
            guard let number = value.number else {
                throw LambdaError.serialization("STRING_VALUE can not be converted to a Double")
            }
            weights.append((key, number))
        }
        self.weights = weights
        Self.check(weights, &checks)
    }

    /// An alias as an operation's path names it.
    static func name(_ request: LambdaRequest, _ checks: inout ShapeChecks) -> String {
        let name = request.path("Name")
        checks.length(name, at: "name", in: 1...128)
        checks.pattern(name, at: "name", namePattern, fits: Patterns.isAlias(name))
        return name
    }

    private static func check(
        _ weights: [(version: String, weight: JSONNumber)], _ checks: inout ShapeChecks
    ) {
        let shown = weights.map { "\($0.version)=\($0.weight.text)" }.joined(separator: ", ")
        let place =
            "Value '{\(shown)}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
        if weights.contains(where: { !(0.0...1.0).contains($0.weight.double) }) {
            checks.note(
                place
                    + "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
                    + "Member must have value greater than or equal to 0.0, Member must not be null]")
        }
        if weights.contains(where: { !Patterns.isDigits($0.version) }) {
            checks.note(
                place
                    + "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
                    + "Member must have length greater than or equal to 1, Member must satisfy regular expression "
                    + "pattern: [0-9]+, Member must not be null]")
        }
    }

    /// An alias leads to versions that there are, and to at most two different ones, neither of them `$LATEST`.
    @EventLoop static func check(
        _ alias: AliasRecord, of record: FunctionRecord, _ service: LambdaService
    ) throws(AWSError) {
        try checkVersion(alias.version, of: record, service)
        guard alias.weights.count <= 1 else {
            throw LambdaError.invalidParameter(
                "Number of items in AdditionalVersionWeights cannot be greater than 1")
        }
        guard let other = alias.weights.first else { return }
        guard alias.version != VersionRecord.latest else {
            throw LambdaError.invalidParameter(
                "$LATEST is not supported for an alias pointing to more than 1 version")
        }
        guard other.version != alias.version else {
            throw LambdaError.invalidParameter(
                "Invalid function version \(other.version). Function version \(other.version) is already included in "
                    + "routing configuration.")
        }
        try checkVersion(other.version, of: record, service)
    }

    @EventLoop private static func checkVersion(
        _ version: String, of record: FunctionRecord, _ service: LambdaService
    ) throws(AWSError) {
        let isDeclared = version == VersionRecord.latest && service.declared[record.name] != nil
        guard isDeclared || record.version(version) != nil else {
            throw LambdaError.functionNotFound(arn: service.arn(record.name, version))
        }
    }
}

extension LambdaService {
    /// An alias as `AliasConfiguration`.
    func aliasJSON(_ name: String, _ alias: AliasRecord, of record: FunctionRecord) -> JSONObject {
        var object: JSONObject = [
            "AliasArn": .string(arn(record.name, name)), "Name": .string(name),
            "FunctionVersion": .string(alias.version), "Description": .string(alias.description),
        ]
        if !alias.weights.isEmpty {
            let weights = alias.weights.map { ($0.version, JSONValue.number($0.weight)) }
            object.append("RoutingConfig", ["AdditionalVersionWeights": .object(JSONObject(weights))])
        }
        object.append("RevisionId", .string(alias.revision))
        return object
    }

    /// - Throws: AWS's words for an alias that is not there.
    func alias(_ name: String, of record: FunctionRecord) throws(AWSError) -> AliasRecord {
        if let alias = record.aliases[name] { return alias }
        throw LambdaError.notFound("Cannot find alias arn: \(arn(record.name, name))")
    }
}
