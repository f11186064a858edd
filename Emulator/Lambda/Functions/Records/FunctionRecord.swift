import Clock
import JSON

/// A name for a version.
struct AliasRecord: Sendable, Equatable {
    var version: String
    var description: String
    /// Another version, and the share of calls that it gets, above 0 and below 1.
    var weights: [(version: String, weight: JSONNumber)]
    var revision: String

    static func == (a: AliasRecord, b: AliasRecord) -> Bool { a.json == b.json }

    var json: JSONValue {
        [
            "version": .string(version), "description": .string(description), "revision": .string(revision),
            "weights": .object(JSONObject(weights.map { ($0.version, .number($0.weight)) })),
        ]
    }
}

/// The statements that others may do something by, in the order in which they came.
struct PolicyRecord: Sendable, Equatable {
    var statements: [JSONValue] = []

    /// As AWS shows it.
    var document: JSONValue {
        ["Version": "2012-10-17", "Id": "default", "Statement": .array(statements)]
    }
}

/// A function URL.
struct URLRecord: Sendable, Equatable {
    /// The first label of its host name.
    var id: String
    /// `NONE` or `AWS_IAM`.
    var authType: String
    /// As AWS shows it.
    var cors: JSONObject?
    /// `BUFFERED` or `RESPONSE_STREAM`.
    var invokeMode: String
    var created: Timestamp
    var modified: Timestamp

    var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "authType": .string(authType), "invokeMode": .string(invokeMode),
            "created": created.json, "modified": modified.json,
        ]
        if let cors { object.append("cors", .object(cors)) }
        return .object(object)
    }
}

/// Environments that are to be started ahead.
struct ProvisionedRecord: Sendable, Equatable {
    var count: Int
    var modified: Timestamp

    var json: JSONValue { ["count": .number(JSONNumber(count)), "modified": modified.json] }
}

/// A function: what was made of it by requests. A function of the manifest has one of these only once something
/// was set, and no `latest`.
struct FunctionRecord: Sendable, Equatable {
    var name: String
    /// nil when the manifest describes the function.
    var latest: VersionRecord?
    /// The number that was published last; numbers are never used again.
    var lastVersion = 0
    /// Published ones, by number; each is stored under a key of its own.
    var versions: [Int: VersionRecord] = [:]
    var aliases: [String: AliasRecord] = [:]
    /// By `$LATEST`, number or alias.
    var policies: [String: PolicyRecord] = [:]
    var urls: [String: URLRecord] = [:]
    var provisioned: [String: ProvisionedRecord] = [:]
    var runtimeManagement: [String: JSONObject] = [:]
    var tags = JSONObject()
    /// Reserved concurrency, when a request has set one.
    var reserved: Int?
    /// `Terminate` or `Allow`.
    var recursiveLoop = "Terminate"
    /// Of a function of the manifest: changes with its settings.
    var revision = ""

    init(name: String) { self.name = name }

    /// Everything but the published versions.
    func encoded() -> [UInt8] {
        var object: JSONObject = [
            "format": .number(JSONNumber(RecordReader.format)), "name": .string(name),
            "lastVersion": .number(JSONNumber(lastVersion)), "revision": .string(revision),
            "recursiveLoop": .string(recursiveLoop), "tags": .object(tags),
            "aliases": Self.object(aliases) { $0.json },
            "policies": Self.object(policies) { ["statements": .array($0.statements)] },
            "urls": Self.object(urls) { $0.json }, "provisioned": Self.object(provisioned) { $0.json },
            "runtimeManagement": Self.object(runtimeManagement) { .object($0) },
        ]
        if let latest { object["latest"] = latest.json }
        if let reserved { object["reserved"] = .number(JSONNumber(reserved)) }
        return JSONValue.object(object).encoded()
    }

    private static func object<Value>(
        _ values: [String: Value], _ json: (Value) -> JSONValue
    ) -> JSONValue {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
    }

    init(decoding bytes: [UInt8]) throws(DamagedRecord) {
        let reader = try RecordReader(decoding: bytes, kind: "function")
        name = try reader.string("name")
        lastVersion = try reader.integer("lastVersion")
        revision = try reader.string("revision")
        recursiveLoop = try reader.string("recursiveLoop")
        tags = try reader.structure("tags")
        if let object = reader.object["latest"]?.object { latest = try VersionRecord(object) }
        reserved = reader.object["reserved"]?.int
        for (key, value) in try reader.members("aliases") { aliases[key] = try AliasRecord(value) }
        for (key, value) in try reader.members("policies") {
            policies[key] = PolicyRecord(statements: value.object["statements"]?.array ?? [])
        }
        for (key, value) in try reader.members("urls") { urls[key] = try URLRecord(value) }
        for (key, value) in try reader.members("provisioned") {
            provisioned[key] = ProvisionedRecord(
                count: try value.integer("count"), modified: try value.time("modified"))
        }
        for (key, value) in try reader.members("runtimeManagement") { runtimeManagement[key] = value.object }
    }

    /// The version that a number or `$LATEST` names.
    func version(_ text: String) -> VersionRecord? {
        if text == VersionRecord.latest { return latest }
        return VersionRecord.number(text).flatMap { versions[$0] }
    }

    /// All versions: `$LATEST` first, then in the order of their numbers.
    var allVersions: [VersionRecord] {
        (latest.map { [$0] } ?? []) + versions.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether a request has set anything; of a function of the manifest nothing else is stored.
    var isBlank: Bool {
        var blank = FunctionRecord(name: name)
        blank.revision = revision
        return self == blank
    }
}

extension AliasRecord {
    init(_ reader: RecordReader) throws(DamagedRecord) {
        version = try reader.string("version")
        description = try reader.string("description")
        revision = try reader.string("revision")
        weights = []
        for (key, value) in try reader.structure("weights") {
            guard let number = value.number else {
                throw DamagedRecord(description: "a weight of an alias is no number")
            }
            weights.append((key, number))
        }
    }
}

extension URLRecord {
    init(_ reader: RecordReader) throws(DamagedRecord) {
        id = try reader.string("id")
        authType = try reader.string("authType")
        invokeMode = try reader.string("invokeMode")
        created = try reader.time("created")
        modified = try reader.time("modified")
        cors = reader.object["cors"]?.object
    }
}
