import Clock
import JSON
import Store

/// A zip that was uploaded, kept as a blob, and what is known of it.
struct CodeRecord: Sendable, Equatable {
    /// Name of the blob that holds the zip.
    var blob: String
    /// Bytes of the zip.
    var size: Int
    /// Of the zip, lower-case hex; also the name of the folder it is unpacked in.
    var digest: String
    /// Bytes of all its files.
    var unzippedSize: Int

    var json: JSONValue {
        [
            "blob": .string(blob), "size": .number(JSONNumber(size)), "digest": .string(digest),
            "unzipped": .number(JSONNumber(unzippedSize)),
        ]
    }

    init(blob: String, size: Int, digest: String, unzippedSize: Int) {
        self.blob = blob
        self.size = size
        self.digest = digest
        self.unzippedSize = unzippedSize
    }

    init(_ object: JSONObject) throws(DamagedRecord) {
        let reader = RecordReader(object, kind: "code")
        blob = try reader.string("blob")
        size = try reader.integer("size")
        digest = try reader.string("digest")
        unzippedSize = try reader.integer("unzipped")
    }
}

/// One version of a function: `$LATEST`, or a published one, which never changes.
struct VersionRecord: Sendable, Equatable {
    static let latest = "$LATEST"

    /// `$LATEST` or a number.
    var version: String
    /// As AWS shows them, in AWS's names: `Runtime`, `Role`, `Handler`, `Timeout`, `Environment` and so on.
    var settings: JSONObject
    var code: CodeRecord
    var modified: Timestamp
    /// `RevisionId`: another one after each change, also of permissions and tags.
    var revision: String
    /// Another one after each change of code or settings: what was published already is not published again.
    var content: String

    /// The number of a published version; nil for a text that AWS does not write so, such as `007`.
    static func number(_ text: String) -> Int? {
        Int(text).flatMap { $0 > 0 && String($0) == text ? $0 : nil }
    }

    var json: JSONValue {
        [
            "version": .string(version), "settings": .object(settings), "code": code.json,
            "modified": modified.json, "revision": .string(revision), "content": .string(content),
        ]
    }

    init(
        version: String, settings: JSONObject, code: CodeRecord, modified: Timestamp, revision: String,
        content: String
    ) {
        self.version = version
        self.settings = settings
        self.code = code
        self.modified = modified
        self.revision = revision
        self.content = content
    }

    init(_ object: JSONObject) throws(DamagedRecord) {
        let reader = RecordReader(object, kind: "version")
        version = try reader.string("version")
        settings = try reader.structure("settings")
        code = try CodeRecord(try reader.structure("code"))
        modified = try reader.time("modified")
        revision = try reader.string("revision")
        content = try reader.string("content")
    }

    /// For a key of its own, as published versions have.
    func encoded() -> [UInt8] {
        JSONValue.object(["format": .number(JSONNumber(RecordReader.format)), "record": json]).encoded()
    }

    init(decoding bytes: [UInt8]) throws(DamagedRecord) {
        let reader = try RecordReader(decoding: bytes, kind: "version")
        try self.init(try reader.structure("record"))
    }

    // MARK: - Settings that run

    var runtime: String { settings["Runtime"]?.string ?? "" }
    var handler: String { settings["Handler"]?.string ?? "" }
    var memoryMB: Int { settings["MemorySize"]?.int ?? 128 }
    var timeoutSeconds: Int { settings["Timeout"]?.int ?? 3 }
    var layers: [String] { settings["Layers"]?.array?.compactMap(\.string) ?? [] }
    var architecture: String { settings["Architectures"]?.array?.first?.string ?? "x86_64" }
    var ephemeralStorageMB: Int { settings["EphemeralStorage"]?["Size"]?.int ?? 512 }

    var logging: FunctionLogging {
        let given = settings["LoggingConfig"]
        func level(_ name: String) -> FunctionLogging.Level? {
            given?[name]?.string.flatMap { FunctionLogging.Level(rawValue: $0) }
        }
        return FunctionLogging(
            format: given?["LogFormat"]?.string.flatMap { FunctionLogging.Format(rawValue: $0) } ?? .text,
            applicationLevel: level("ApplicationLogLevel") ?? .info,
            systemLevel: level("SystemLogLevel") ?? .info,
            group: given?["LogGroup"]?.string)
    }

    var environment: [String: String] {
        var variables: [String: String] = [:]
        for (name, value) in settings["Environment"]?["Variables"]?.object ?? JSONObject() {
            variables[name] = value.string
        }
        return variables
    }
}
