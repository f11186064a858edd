import Clock
import JSON

/// Stored bytes that are no record of the kind that was looked for.
struct DamagedRecord: Error, CustomStringConvertible {
    let description: String
}

/// Reads the members of a stored record. Records are JSON with a `format` number, so that later versions of the
/// program can tell them apart; members that a later version adds are passed over.
struct RecordReader {
    static let format = 1

    let object: JSONObject
    private let kind: String

    init(_ object: JSONObject, kind: String) {
        self.object = object
        self.kind = kind
    }

    init(decoding bytes: [UInt8], kind: String) throws(DamagedRecord) {
        // Records hold what requests said, which may be 64 deep by itself, some levels further down.
        let limits = JSONLimits(maxDepth: 128, maxBytes: 64 << 20)
        guard let object = (try? JSONValue.parse(bytes, limits: limits))?.object else {
            throw DamagedRecord(description: "a record of a \(kind) is no JSON object")
        }
        guard let format = object["format"]?.int, format <= Self.format else {
            throw DamagedRecord(description: "a record of a \(kind) has a format of a later version")
        }
        self.init(object, kind: kind)
    }

    func string(_ name: String) throws(DamagedRecord) -> String {
        guard let text = object[name]?.string else { throw missing(name) }
        return text
    }

    func integer(_ name: String) throws(DamagedRecord) -> Int {
        guard let number = object[name]?.int else { throw missing(name) }
        return number
    }

    func time(_ name: String) throws(DamagedRecord) -> Timestamp {
        guard let milliseconds = object[name]?.int64 else { throw missing(name) }
        return Timestamp(milliseconds: milliseconds)
    }

    func structure(_ name: String) throws(DamagedRecord) -> JSONObject {
        guard let object = object[name]?.object else { throw missing(name) }
        return object
    }

    /// The members of a structure, each as a reader of its own; none when it is absent.
    func members(_ name: String) throws(DamagedRecord) -> [(key: String, value: RecordReader)] {
        guard let value = object[name] else { return [] }
        guard let object = value.object else { throw missing(name) }
        var found: [(key: String, value: RecordReader)] = []
        for (key, value) in object {
            guard let member = value.object else { throw missing("\(name).\(key)") }
            found.append((key, RecordReader(member, kind: kind)))
        }
        return found
    }

    private func missing(_ name: String) -> DamagedRecord {
        DamagedRecord(description: "a record of a \(kind) lacks '\(name)'")
    }
}

extension Timestamp {
    var json: JSONValue { .number(JSONNumber(milliseconds)) }

    /// As Lambda writes times of functions: `2026-01-02T03:04:05.678+0000`.
    var lambdaText: String { String(iso8601.dropLast()) + "+0000" }
}
