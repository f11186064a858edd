import Clock
import Store

/// Keeps streams and change logs as they grow old: removes records that nobody may read any more, changes
/// shards, and removes streams that were turned off a day ago together with the logs of dropped tables.
struct LogRetention: WorkSource {
    /// Records that one commit removes at most.
    static let portion: Int64 = 1_000
    /// A shard with records in it is closed after this time (Amazon DynamoDB Developer Guide, "Change data
    /// capture for DynamoDB Streams": about four hours).
    static let shardMilliseconds: Int64 = 4 * 3_600_000

    private enum Step: Sendable {
        case trim(UInt32, from: LogState, to: LogState)
        /// A stream that has something to be changed or is to be removed, by its key.
        case maintain([UInt8])
        /// The log of a dropped table.
        case drop(UInt32)
    }

    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        let now = environment.clock.now
        var recovery: [UInt32: Int] = [:]
        var known: Set<UInt32> = []
        for table in environment.catalog.all {
            known.insert(table.id)
            recovery[table.id] = table.definition.recovery?.days
        }
        let (tables, days) = (known, recovery)
        let step = try environment.store.read { try next($0, tables, days, now) }
        guard let step else { return false }
        try await environment.store.commit { try carryOut(step, now, $0) }
        return true
    }

    /// What is to be done first; nil when nothing is.
    private static func next(
        _ source: Snapshot, _ tables: Set<UInt32>, _ recovery: [UInt32: Int], _ now: Timestamp
    ) throws -> Step? {
        let logs = try LogState.all(source)
        let restored = try TableRestore.sources(source)
        for (table, state) in logs where !restored.contains(table) {
            let trimmed = try trim(table, state, recovery[table], now, source)
            if trimmed != state { return .trim(table, from: state, to: trimmed) }
        }
        let streams = try ChangeStream.all(source)
        for stream in streams where try maintained(stream, now, source) != stream {
            return .maintain(stream.key)
        }
        let streamed = Set(streams.map(\.tableID))
        let needed = tables.union(streamed).union(restored)
        let orphan = logs.first { !needed.contains($0.table) }
        return orphan.map { .drop($0.table) }
    }

    private static func carryOut(_ step: Step, _ now: Timestamp, _ transaction: Transaction) throws {
        switch step {
        case .trim(let table, let old, let new):
            guard try LogState.read(table, transaction) == old,
                try !TableRestore.sources(transaction).contains(table)
            else { return }
            for number in stride(from: old.trimmed + 1, through: new.trimmed, by: 1) {
                transaction.delete(.changes, ChangeLog.key(table, number))
            }
            new.write(table, in: transaction)
        case .maintain(let key):
            guard let stream = try ChangeStream.read(key, transaction) else { return }
            if let maintained = try maintained(stream, now, transaction) {
                maintained.write(in: transaction)
            } else {
                transaction.delete(.settings, key)
            }
        case .drop(let table):
            // The catalog may not have shown a table that has just been made.
            guard try !Catalog.isDefined(table, transaction),
                try !TableRestore.sources(transaction).contains(table)
            else { return }
            transaction.delete(.settings, LogState.key(table))
            try GarbageCollection.drop(.changes, prefix: KeyEncoding.prefix(table), in: transaction)
        }
    }

    // MARK: what ought to be

    /// The log's state after the next portion has been removed.
    private static func trim(
        _ table: UInt32, _ state: LogState, _ recoveryDays: Int?, _ now: Timestamp, _ source: Snapshot
    ) throws -> LogState {
        let horizon = try old(
            table, after: state.horizon, before: now - (ChangeStream.retentionMilliseconds - 1), source)
        guard let recoveryDays else {
            return LogState(trimmed: min(horizon, state.trimmed + portion), horizon: horizon)
        }
        let kept = Int64(recoveryDays) * 86_400_000
        let trimmed = try old(table, after: state.trimmed, before: now - (kept - 1), source)
        return LogState(trimmed: min(trimmed, horizon), horizon: horizon)
    }

    /// The last number of those that follow `number` and are older than `time`, a portion at most.
    private static func old(
        _ table: UInt32, after number: Int64, before time: Timestamp, _ source: Snapshot
    ) throws -> Int64 {
        var last = number
        let end = ChangeLog.key(table, number + portion + 1)
        try source.scan(.changes, from: ChangeLog.key(table, number + 1), to: end) { key, value in
            // One that cannot be read tells nobody anything, and must not keep the log from being trimmed.
            if let made = try? ChangeRecord.time(ofEncoded: value), made >= time { return false }
            last = ChangeLog.number(ofKey: key)
            return true
        }
        return last
    }

    /// The stream as it ought to be now; nil when it is to be removed.
    private static func maintained(
        _ stream: ChangeStream, _ now: Timestamp, _ source: some Reading
    ) throws -> ChangeStream? {
        guard !stream.isForgotten(at: now) else { return nil }
        var stream = stream
        let horizon = try LogState.read(stream.tableID, source).horizon
        // A shard is shown for a day after it was closed, for iterators may have been given out until then.
        while stream.shards.count > 1, let last = stream.shards[0].last, last <= horizon,
            now - stream.shards[1].opened >= ChangeStream.retentionMilliseconds
        {
            stream.shards.removeFirst()
        }
        guard stream.closed == nil, let open = stream.shards.last,
            now - open.opened >= shardMilliseconds
        else { return stream }
        let last = try ChangeLog.last(stream.tableID, source)
        guard last >= open.first else { return stream }
        stream.shards[stream.shards.count - 1].last = last
        stream.shards.append(
            ChangeStream.Shard(of: stream.label, parent: open, first: last + 1, opened: now))
        return stream
    }
}
