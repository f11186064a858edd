import JSON

/// Primary key of an item in the single table. docs/TABLE.md lists every access pattern.
///
/// Parts joined with `#` are validated before (`TextRule`), so no input can forge a separator.
public struct TableKey: Sendable, Hashable {
    public let partition: String
    public let sort: String

    public init(partition: String, sort: String) {
        self.partition = partition
        self.sort = sort
    }

    public static func audio(_ id: String) -> TableKey {
        TableKey(partition: "AUDIO#\(id)", sort: "METADATA")
    }
    public static func image(_ id: String) -> TableKey {
        TableKey(partition: "IMAGE#\(id)", sort: "METADATA")
    }

    public static func counter(resource: String, type: String) -> TableKey {
        TableKey(partition: counterPartition(resource), sort: counterSortPrefix + type)
    }
    public static func counterPartition(_ resource: String) -> String { "COUNTER#\(resource)" }
    public static let counterSortPrefix = "TYPE#"

    /// `digest` is the SHA-256 of the recording in hex.
    public static func transcript(digest: String, language: String) -> TableKey {
        TableKey(partition: "TRANSCRIPT#\(digest)#\(language)", sort: "CACHE")
    }
    public static func prompt(digest: String) -> TableKey {
        TableKey(partition: "PROMPT#\(digest)", sort: "CACHE")
    }
    public static func weather(place: String, language: String) -> TableKey {
        TableKey(partition: "WEATHER#\(place)#\(language)", sort: "CACHE")
    }
    /// `digest` is the SHA-256 of the client's key: bounded length, no separator inside.
    public static func idempotency(digest: String) -> TableKey {
        TableKey(partition: "IDEMPOTENCY#\(digest)", sort: "REQUEST")
    }

    /// Hash key in GSI1: everything of a user by time.
    public static func userIndex(_ userID: String) -> String { "USER#\(userID)" }
    /// Hash key in GSI2: all counters of a type by value.
    public static func counterTypeIndex(_ type: String) -> String { "COUNTERTYPE#\(type)" }

    /// As DynamoDB takes it.
    public var attributes: JSONObject {
        ["PK": ["S": .string(partition)], "SK": ["S": .string(sort)]]
    }
}

/// Attribute names that more than one function uses.
public enum AttributeName {
    public static let timeToLive = "ttl"
    /// Numeric range key of GSI2.
    public static let counterValue = "counterValue"
    public static let userIndex = "GSI1"
    public static let counterIndex = "GSI2"
}
