import AWSProtocol
import Clock
import JSON
import Store

/// A stream of a table's changes: a range of its change log under a name of its own. The stored entry outlives
/// the table, for what a stream holds can be read for a day after it was turned off.
struct ChangeStream: Sendable, Equatable {
    /// A part of the stream that is read in order. One is open at a time; the others have been closed by the
    /// change of shards, or with the stream.
    struct Shard: Sendable, Equatable {
        let id: String
        /// The shard before it, which may be gone.
        let parent: String?
        /// Number of its first record in the change log.
        let first: Int64
        /// Number of its last record; nil while it is open. Less than `first` when it got none.
        var last: Int64?
        let opened: Timestamp

        /// - Parameter opened: orders the ids of a stream's shards.
        init(of label: String, parent: Shard?, first: Int64, opened: Timestamp) {
            let time = String(opened.milliseconds)
            let padded = String(repeating: "0", count: max(0, 20 - time.utf8.count)) + time
            let hash = Array("\(label)/\(first)".utf8).withUnsafeBytes { KeyEncoding.hash($0) }
            self.init(
                id: "shardId-\(padded)-\(Self.suffix(hash))", parent: parent?.id, first: first, last: nil,
                opened: opened)
        }

        init(id: String, parent: String?, first: Int64, last: Int64?, opened: Timestamp) {
            self.id = id
            self.parent = parent
            self.first = first
            self.last = last
            self.opened = opened
        }

        private static func suffix(_ hash: UInt64) -> String {
            let digits = String(hash & 0xFFFF_FFFF, radix: 16)
            return String(repeating: "0", count: 8 - digits.utf8.count) + digits
        }
    }

    /// How long what a stream holds can be read (Amazon DynamoDB Developer Guide, "Change data capture for
    /// DynamoDB Streams").
    static let retentionMilliseconds: Int64 = 24 * 3_600_000

    let table: String
    /// `StreamLabel`: when it was turned on, and what tells it from other streams of the name.
    let label: String
    let tableID: UInt32
    /// `StreamViewType`.
    let viewType: String
    let created: Timestamp
    /// Names of the table's key attributes.
    let hash: [String]
    let range: [String]
    /// When it was turned off; nil while it is on.
    var closed: Timestamp?
    /// In the order of their records; at least one.
    var shards: [Shard]

    func shard(_ id: String) -> Shard? { shards.first { $0.id == id } }
    func shard(first: Int64) -> Shard? { shards.first { $0.first == first } }

    func arn(at location: TableLocation) -> String {
        StreamARN(table: table, label: label).text(at: location)
    }

    // MARK: stored form

    static let keyPrefix = Array("dynamodb/stream/".utf8)

    /// Streams are sorted by the names of their tables. No such name has a slash in it.
    static func key(_ table: String, _ label: String) -> [UInt8] {
        keyPrefix + Array("\(table)/\(label)".utf8)
    }

    var key: [UInt8] { Self.key(table, label) }

    static func read(_ key: [UInt8], _ source: some Reading) throws -> ChangeStream? {
        try source.get(.settings, key).map { try ChangeStream(key: key, stored: $0) }
    }

    func write(in transaction: Transaction) {
        transaction.put(.settings, key, stored)
    }

    /// All streams, those that are off included.
    static func all(_ source: some Reading) throws -> [ChangeStream] {
        var found: [ChangeStream] = []
        try source.scan(.settings, from: keyPrefix, to: KeyEncoding.successor(ofPrefix: keyPrefix)) {
            found.append(try ChangeStream(key: $0, stored: $1))
            return true
        }
        return found
    }

    private var stored: [UInt8] {
        var object = JSONObject()
        object.append("tableID", .number(JSONNumber(Int(tableID))))
        object.append("viewType", .string(viewType))
        object.append("created", .number(JSONNumber(created.milliseconds)))
        object.append("hash", .array(hash.map { .string($0) }))
        object.append("range", .array(range.map { .string($0) }))
        if let closed { object.append("closed", .number(JSONNumber(closed.milliseconds))) }
        object.append("shards", .array(shards.map(\.stored)))
        return JSONValue.object(object).encoded()
    }

    /// - Throws: `StoreError` when the entry is damaged.
    init(key: [UInt8], stored: [UInt8]) throws {
        let damaged = StoreError.corrupt("the entry of a stream cannot be read")
        let name = String(decoding: key.dropFirst(Self.keyPrefix.count), as: UTF8.self)
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let json = try? JSONValue.parse(stored),
            let tableID = json["tableID"]?.int.flatMap(UInt32.init(exactly:)),
            let viewType = json["viewType"]?.string, let created = json["created"]?.int64,
            let hash = json["hash"]?.array?.compactMap(\.string), !hash.isEmpty,
            let range = json["range"]?.array?.compactMap(\.string),
            let list = json["shards"]?.array, !list.isEmpty
        else { throw damaged }
        let shards = list.compactMap(Shard.init(stored:))
        guard shards.count == list.count else { throw damaged }
        self.init(
            table: String(parts[0]), label: String(parts[1]), tableID: tableID, viewType: viewType,
            created: Timestamp(milliseconds: created), hash: hash, range: range,
            closed: json["closed"]?.int64.map { Timestamp(milliseconds: $0) }, shards: shards)
    }

    init(
        table: String, label: String, tableID: UInt32, viewType: String, created: Timestamp, hash: [String],
        range: [String], closed: Timestamp?, shards: [Shard]
    ) {
        self.table = table
        self.label = label
        self.tableID = tableID
        self.viewType = viewType
        self.created = created
        self.hash = hash
        self.range = range
        self.closed = closed
        self.shards = shards
    }
}

extension ChangeStream.Shard {
    fileprivate var stored: JSONValue {
        var object = JSONObject()
        object.append("id", .string(id))
        if let parent { object.append("parent", .string(parent)) }
        object.append("first", .number(JSONNumber(first)))
        if let last { object.append("last", .number(JSONNumber(last))) }
        object.append("opened", .number(JSONNumber(opened.milliseconds)))
        return .object(object)
    }

    fileprivate init?(stored json: JSONValue) {
        guard let id = json["id"]?.string, let first = json["first"]?.int64,
            let opened = json["opened"]?.int64
        else { return nil }
        self.init(
            id: id, parent: json["parent"]?.string, first: first, last: json["last"]?.int64,
            opened: Timestamp(milliseconds: opened))
    }
}

/// The Amazon Resource Name of a stream, without the region and the account, of which there is one each.
struct StreamARN: Sendable, Equatable {
    let table: String
    let label: String

    init(table: String, label: String) {
        self.table = table
        self.label = label
    }

    /// - Throws: `ValidationException` for what is no stream's name at all, `ResourceNotFoundException` for one
    ///   of another region or account.
    init(_ text: String, at location: TableLocation) throws {
        // The label has colons of its own.
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let resource = parts.last?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        guard parts.count == 6, parts[0] == "arn", parts[2] == "dynamodb", resource.count == 4,
            resource[0] == "table", !resource[1].isEmpty, resource[2] == "stream", !resource[3].isEmpty
        else { throw TableErrors.validation("Invalid StreamArn") }
        guard parts[1] == "aws", parts[3] == location.region, parts[4] == location.accountID else {
            throw TableErrors.streamNotFound(text)
        }
        table = String(resource[1])
        label = String(resource[3])
    }

    func text(at location: TableLocation) -> String { "\(location.arn(table))/stream/\(label)" }

    /// The stream of this name.
    /// - Throws: `ResourceNotFoundException` when there is none, or none any more.
    func find(_ environment: TableEnvironment, _ source: some Reading) throws -> ChangeStream {
        let stream = try ChangeStream.read(ChangeStream.key(table, label), source)
        guard let stream, !stream.isForgotten(at: environment.clock.now) else {
            throw TableErrors.streamNotFound(text(at: environment.location))
        }
        return stream
    }
}

extension ChangeStream {
    /// Whether it has been off for so long that it is not shown any more.
    func isForgotten(at now: Timestamp) -> Bool {
        closed.map { now - $0 >= Self.retentionMilliseconds } ?? false
    }
}

extension TableErrors {
    static func streamNotFound(_ arn: String) -> AWSError {
        AWSError(
            code: "ResourceNotFoundException",
            message: "Requested resource not found: Stream: \(arn) not found")
    }

    static let shardNotFound = AWSError(
        code: "ResourceNotFoundException", message: "Requested resource not found: Shard does not exist")

    static let trimmed = AWSError(
        code: "TrimmedDataAccessException", message: "The data you are trying to access has been trimmed")

    static let iteratorExpired = AWSError(
        code: "ExpiredIteratorException", message: "The provided iterator exceeds the maximum age allowed.")
}
