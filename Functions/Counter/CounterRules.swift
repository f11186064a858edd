import Digests
import JSON
import Mumble

/// A checked increment.
struct Increment: Sendable, Equatable {
    /// What one call may add or take away.
    static let deltas = -1000...1000

    var resourceID: String
    var counterType: String
    var delta: Int

    init(_ fields: Inputs) throws(HandlerError) {
        resourceID = try fields["resource_id"].requiredText(.resourceID)
        counterType = try fields["counter_type"].requiredText(.counterType)
        let delta = fields["delta"]
        self.delta = try delta.integer(in: Self.deltas) ?? 1
        guard self.delta != 0 else { throw .invalid(delta.label, "must not be 0") }
    }

    var key: TableKey { .counter(resource: resourceID, type: counterType) }

    /// Same text if and only if same meaning, however the JSON was written.
    var canonicalText: String { "\(resourceID) \(counterType) \(delta)" }

    func document(value: Int) -> JSONObject {
        [
            "success": true, "current_value": .number(JSONNumber(value)),
            "message": .string(
                "\(counterType) of \(resourceID) changed by \(delta > 0 ? "+" : "")\(delta) to \(value)"),
        ]
    }
}

/// A client's promise that equal keys mean the same request.
struct IdempotencyKey: Sendable, Equatable {
    /// An answer is remembered for 24 hours.
    static let seconds: Int64 = 24 * 3600
    /// No Lambda invocation lasts longer, in seconds (AWS Lambda Developer Guide, "Lambda quotas").
    static let longestInvocation: Int64 = 900

    /// SHA-256 in hex of the client's key, and of the position for an entry of a batch.
    var digest: String
    /// SHA-256 in hex of everything the request means.
    var requestDigest: String

    init(key: String, position: Int?, request: String) {
        digest = SHA256.hex((key + (position.map { "\u{0}\($0)" } ?? "")).bytes)
        requestDigest = SHA256.hex(request.bytes)
    }

    var tableKey: TableKey { .idempotency(digest: digest) }

    static func read(_ headers: [String: String]) throws(HandlerError) -> String? {
        guard let key = headers["idempotency-key"] else { return nil }
        guard TextRule.idempotencyKey.accepts(key) else {
            throw .invalid("header 'idempotency-key'", "must be \(TextRule.idempotencyKey.description)")
        }
        return key
    }
}

enum CounterRules {
    static let maximumBatch = 25
    static let defaultTop = 10
    static let maximumTop = 100

    /// The entries of a batch, not yet checked one by one.
    static func entries(_ body: JSONObject) throws(HandlerError) -> [JSONValue] {
        let field = Inputs(fields: body)["entries"]
        guard let value = field.value else { throw .missing(field.label) }
        guard let entries = value.array, (1...maximumBatch).contains(entries.count) else {
            throw .invalid(field.label, "must be an array of 1 to \(maximumBatch) increments")
        }
        return entries
    }

    /// Checks one entry; its fields are named `entries[3].delta`.
    static func increment(_ entry: JSONValue, at index: Int) throws(HandlerError) -> Increment {
        guard let fields = entry.object else {
            throw .invalid("field 'entries[\(index)]'", "must be an object")
        }
        return try Increment(Inputs(fields: fields, prefix: "entries[\(index)]."))
    }
}
