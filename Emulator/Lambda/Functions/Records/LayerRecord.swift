import Clock
import JSON

/// One version of a layer. It never changes, but for who may use it.
struct LayerVersionRecord: Sendable, Equatable {
    var number: Int
    /// As AWS shows them: `Description`, `LicenseInfo`, `CompatibleRuntimes`, `CompatibleArchitectures`.
    var settings: JSONObject
    var code: CodeRecord
    var created: Timestamp
    var policy = PolicyRecord()
    /// Of the policy.
    var revision: String
    /// Deleted, but some function still refers to it.
    var isHidden = false

    init(number: Int, settings: JSONObject, code: CodeRecord, created: Timestamp, revision: String) {
        self.number = number
        self.settings = settings
        self.code = code
        self.created = created
        self.revision = revision
    }

    func encoded() -> [UInt8] {
        let object: JSONObject = [
            "format": .number(JSONNumber(RecordReader.format)), "number": .number(JSONNumber(number)),
            "settings": .object(settings), "code": code.json, "created": created.json,
            "statements": .array(policy.statements), "revision": .string(revision),
            "hidden": .bool(isHidden),
        ]
        return JSONValue.object(object).encoded()
    }

    init(decoding bytes: [UInt8]) throws(DamagedRecord) {
        let reader = try RecordReader(decoding: bytes, kind: "layer version")
        number = try reader.integer("number")
        settings = try reader.structure("settings")
        code = try CodeRecord(try reader.structure("code"))
        created = try reader.time("created")
        policy = PolicyRecord(statements: reader.object["statements"]?.array ?? [])
        revision = try reader.string("revision")
        isHidden = reader.object["hidden"]?.bool ?? false
    }
}

/// A layer with its versions, each of which is stored under a key of its own.
struct LayerRecord: Sendable, Equatable {
    var name: String
    /// The number that was published last; numbers are never used again.
    var lastVersion = 0
    var versions: [Int: LayerVersionRecord] = [:]

    init(name: String) { self.name = name }

    /// A version that was not deleted.
    func version(_ number: Int) -> LayerVersionRecord? {
        versions[number].flatMap { $0.isHidden ? nil : $0 }
    }

    func encoded() -> [UInt8] {
        let object: JSONObject = [
            "format": .number(JSONNumber(RecordReader.format)), "name": .string(name),
            "lastVersion": .number(JSONNumber(lastVersion)),
        ]
        return JSONValue.object(object).encoded()
    }

    init(decoding bytes: [UInt8]) throws(DamagedRecord) {
        let reader = try RecordReader(decoding: bytes, kind: "layer")
        name = try reader.string("name")
        lastVersion = try reader.integer("lastVersion")
    }
}
