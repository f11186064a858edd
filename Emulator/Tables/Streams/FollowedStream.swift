import AWSProtocol
import Clock
import JSON
import Store

/// A stream as somebody reads it who follows it for long: by positions, which number its records through all of its
/// shards, and which neither expire nor change.
public struct FollowedStream: Sendable {
    /// One record.
    public struct Record: Sendable {
        public let position: Int64
        public let time: Timestamp
        /// As GetRecords shows it.
        public let json: JSONObject
    }

    /// Records of one shard in their order.
    public struct Page: Sendable {
        public let shardID: String
        public let records: [Record]
        /// Where to go on.
        public let next: Int64
    }

    /// The oldest position that can still be read.
    public let first: Int64
    /// The position that the next record will get.
    public let next: Int64
}

extension TablesService {
    /// - Returns: nil when there is no such stream, or none any more.
    /// - Throws: `StoreError`
    public func followedStream(_ arn: String) throws -> FollowedStream? {
        try environment.store.read { snapshot in
            guard let stream = try find(arn, snapshot) else { return nil }
            return try extent(of: stream, snapshot)
        }
    }

    /// Records from a position on, or from the oldest that is left; as many as one answer of GetRecords holds.
    /// - Returns: nil when there is no such stream, or none any more.
    /// - Throws: `StoreError`
    public func followedRecords(
        _ arn: String, from position: Int64, limit: Int
    ) throws -> FollowedStream.Page? {
        try environment.store.read { snapshot in
            guard let stream = try find(arn, snapshot) else { return nil }
            let extent = try extent(of: stream, snapshot)
            let position = max(position, extent.first)
            guard let shard = stream.shards.last(where: { $0.first <= position }) ?? stream.shards.first
            else {
                return nil
            }
            let last = try shard.last ?? ChangeLog.last(stream.tableID, snapshot)
            var (records, bytes, bytesRead, next) = ([FollowedStream.Record](), 0, 0, position)
            let view = StreamRecordView(stream: stream, region: environment.location.region)
            guard position <= last else { return .init(shardID: shard.id, records: [], next: position) }
            try ChangeLog.scan(stream.tableID, from: position, snapshot) { number, change in
                guard number <= last else { return false }
                let (json, size) = view.record(number, change)
                guard records.isEmpty || bytes + size <= GetRecords.maximumBytes else { return false }
                guard let object = json.object else { return false }
                records.append(.init(position: number, time: change.time, json: object))
                bytes += size
                bytesRead += (change.old?.itemSize ?? 0) + (change.new?.itemSize ?? 0)
                next = number + 1
                return records.count < limit && bytesRead < GetRecords.maximumBytesRead
            }
            return .init(shardID: shard.id, records: records, next: next)
        }
    }

    private func find(_ arn: String, _ snapshot: Snapshot) throws -> ChangeStream? {
        do {
            return try StreamARN(arn, at: environment.location).find(environment, snapshot)
        } catch let error as StoreError {
            throw error
        } catch {
            return nil
        }
    }

    private func extent(of stream: ChangeStream, _ snapshot: Snapshot) throws -> FollowedStream {
        let horizon = try LogState.read(stream.tableID, snapshot).horizon
        let first = max(stream.shards.first?.first ?? 1, horizon + 1)
        let last = try stream.shards.last?.last ?? ChangeLog.last(stream.tableID, snapshot)
        return FollowedStream(first: first, next: max(first, last + 1))
    }

    /// ARN of a table's stream; nil when there is no table of the name, or no stream of it.
    public func streamARN(ofTable name: String) -> String? {
        guard let label = environment.catalog.find(name)?.definition.stream?.label else { return nil }
        return StreamARN(table: name, label: label).text(at: environment.location)
    }
}
