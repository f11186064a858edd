import Clock
import JSON

/// How far a stream reaches. Positions number the records of a stream in their order, through all of its shards.
public struct StreamExtent: Sendable, Equatable {
    /// The oldest position that can still be read.
    public var first: Int64
    /// The position that the next record will get.
    public var next: Int64

    public init(first: Int64, next: Int64) {
        self.first = first
        self.next = next
    }
}

/// One record of a table's stream.
public struct StreamRecord: Sendable, Equatable {
    public var position: Int64
    /// When the change was made.
    public var time: Timestamp
    /// `Record` of the streams' API.
    public var json: JSONObject

    public init(position: Int64, time: Timestamp, json: JSONObject) {
        self.position = position
        self.time = time
        self.json = json
    }

    /// `SequenceNumber`.
    var sequenceNumber: String { json["dynamodb"]?["SequenceNumber"]?.string ?? "" }
}

/// Records of one shard in their order.
public struct StreamPage: Sendable, Equatable {
    public var shardID: String
    public var records: [StreamRecord]
    /// Where to go on.
    public var next: Int64

    public init(shardID: String, records: [StreamRecord], next: Int64) {
        self.shardID = shardID
        self.records = records
        self.next = next
    }
}

/// The two questions that a mapping has about streams.
public struct StreamReading: Sendable {
    /// Nil when there is no such stream, or none any more.
    public var extent: @Sendable (_ arn: String) async throws -> StreamExtent?
    /// Records from a position on, or from the oldest one that is left; nil when there is no such stream any more.
    public var page: @Sendable (_ arn: String, _ position: Int64, _ limit: Int) async throws -> StreamPage?

    public init(
        extent: @escaping @Sendable (_ arn: String) async throws -> StreamExtent?,
        page: @escaping @Sendable (_ arn: String, _ position: Int64, _ limit: Int) async throws -> StreamPage?
    ) {
        self.extent = extent
        self.page = page
    }

    /// No stream at all.
    public static let none = StreamReading(extent: { _ in nil }, page: { _, _, _ in nil })
}
