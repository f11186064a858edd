import Digests
import Expressions
import Store

/// The change log of each table can be read, begins behind what was trimmed, has no gap and ends where it should;
/// streams are ranges of it without holes; and the images of each item's records follow from one another.
enum StreamCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        let streams = try ChangeStream.all(snapshot)
        for stream in streams {
            run.count()
            try check(stream, tables, snapshot, run)
        }
        try checkDefinitions(tables, streams, run)
        if !streams.isEmpty, try IteratorKey.read(snapshot) == nil {
            run.fault("there are streams, but no key for their iterators")
        }
        let logs = try LogState.all(snapshot)
        for (id, state) in logs where !tables.isGarbage(.changes, KeyEncoding.prefix(id)) {
            let walk = LogWalk(id, state, tables.tables[id], streams.filter { $0.tableID == id })
            try walk.run(snapshot, run)
        }
        try checkOwners(Set(logs.map(\.table)), tables, snapshot, run)
    }

    private static func check(
        _ stream: ChangeStream, _ tables: StoredTables, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        let name = "stream '\(stream.label)' of table '\(stream.table)'"
        for (shard, next) in zip(stream.shards, stream.shards.dropFirst()) {
            if shard.last != next.first - 1 {
                run.fault("shard '\(next.id)' of \(name) does not begin where the one before it ends")
            }
            if next.parent != shard.id {
                run.fault("shard '\(next.id)' of \(name) does not name the one before it as its parent")
            }
        }
        guard let open = stream.shards.last else { return }
        if (open.last == nil) != (stream.closed == nil) {
            run.fault("\(name) is \(stream.closed == nil ? "on" : "off"), but its last shard is not")
        }
        if let last = open.last, last < open.first - 1 {
            run.fault("shard '\(open.id)' of \(name) ends before it begins")
        }
        if stream.closed == nil, tables.tables[stream.tableID]?.definition.stream?.label != stream.label {
            run.fault("\(name) is on, but no table has it")
        }
    }

    private static func checkDefinitions(
        _ tables: StoredTables, _ streams: [ChangeStream], _ run: CheckRun
    ) throws {
        for table in tables.tables.values.sorted(by: { $0.name < $1.name }) {
            guard let settings = table.definition.stream else { continue }
            let stream = streams.first { $0.tableID == table.id && $0.label == settings.label }
            if stream?.viewType != settings.viewType || stream?.closed != nil {
                run.fault("table '\(table.name)' has the stream '\(settings.label)', which is not there")
            }
        }
    }

    /// Each record belongs to a log that is known. Jumps from log to log.
    private static func checkOwners(
        _ logs: Set<UInt32>, _ tables: StoredTables, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        var from: [UInt8]? = []
        while let start = from {
            var found: [UInt8]?
            try snapshot.scan(.changes, from: start, to: nil) { key, _ in
                found = key
                return false
            }
            guard let found else { return }
            guard let id = StoredTables.id(found) else {
                run.fault("a change record has the malformed key \(FaultText.hex(found))")
                from = found + [0]
                continue
            }
            if !logs.contains(id), !tables.isGarbage(.changes, found) {
                run.fault(
                    "the change log of table \(id) has records, but it is not known how far it is trimmed")
            }
            from = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(id))
        }
    }
}

/// The records of one table from the first to the last.
private final class LogWalk {
    /// Items whose last images are kept; those that come later are not followed.
    private static let maximumFollowed = 50_000

    private let id: UInt32
    private let state: LogState
    /// Nil for a dropped one.
    private let table: Table?
    private let streams: [ChangeStream]
    private let name: String
    /// What each item was left as by its last record, as a digest, since logging last began.
    private var images: [[UInt8]: [UInt8]] = [:]

    init(_ id: UInt32, _ state: LogState, _ table: Table?, _ streams: [ChangeStream]) {
        self.id = id
        self.state = state
        self.table = table
        self.streams = streams
        name = table.map { "table '\($0.name)'" } ?? "dropped table \(id)"
    }

    func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        // Who knows whether a dropped table had records after its last stream.
        let expected =
            try table == nil ? streams.compactMap(\.shards.last?.last).max() : ChangeLog.last(id, snapshot)
        let last = expected ?? 0
        if state.trimmed < 0 || state.horizon < state.trimmed || (table != nil && state.horizon > last) {
            run.fault(
                "the change log of \(name) is trimmed to \(state.trimmed) and old to \(state.horizon), "
                    + "but ends at \(last)")
        }
        for case let shard? in streams.map(\.shards.last) where shard.first > last + 1 {
            run.fault("shard '\(shard.id)' of \(name) begins behind the end of the change log")
        }
        try walk(last, snapshot, run)
    }

    private func walk(_ last: Int64, _ snapshot: Snapshot, _ run: CheckRun) throws {
        let ranges = streams.compactMap { stream in
            stream.shards.first.map { (first: $0.first, last: stream.shards.last?.last ?? .max) }
        }
        var next = state.trimmed + 1
        try StoredTables.scan(snapshot, .changes, KeyEncoding.prefix(id)) { key, value in
            run.count()
            guard key.count == 12 else {
                return run.fault("a change record has the malformed key \(FaultText.hex(key))")
            }
            let number = ChangeLog.number(ofKey: key)
            if number != next {
                run.fault("the change log of \(name) has record \(number) where \(next) should be")
                images = [:]
            }
            next = number + 1
            // Beyond a stream, and from one to the next, there may have been changes that were not logged.
            let range = ranges.first { $0.first <= number && number <= $0.last }
            if range?.first == number || range == nil { images = [:] }
            guard let record = try? ChangeRecord(decoding: value) else {
                return run.fault("change \(number) of \(name) cannot be read")
            }
            if StoredTables.id(record.key) != id || (record.old == nil && record.new == nil) {
                run.fault("change \(number) of \(name) is not about an item of that table")
            }
            follow(record, number, isInStream: range != nil, run)
        }
        if next != last + 1, table != nil || next <= last {
            run.fault("the change log of \(name) ends at \(next - 1) instead of \(last)")
        }
        let open = streams.first { $0.closed == nil }
        if let first = open?.shards.first?.first, first <= last { try compareItems(snapshot, run) }
    }

    private func follow(_ record: ChangeRecord, _ number: Int64, isInStream: Bool, _ run: CheckRun) {
        if record.old == record.new { run.fault("change \(number) of \(name) changes nothing") }
        guard isInStream else { return }
        if let before = images[record.key], before != Self.digest(record.old) {
            run.fault("change \(number) of \(name) does not begin with what the one before it left")
        }
        if images[record.key] != nil || images.count < Self.maximumFollowed {
            images[record.key] = Self.digest(record.new)
        }
    }

    private func compareItems(_ snapshot: Snapshot, _ run: CheckRun) throws {
        for (key, image) in images {
            let stored = try snapshot.get(.items, key)
            // One that cannot be read is ItemCheck's to report.
            let item = stored.flatMap { try? Item(decoding: $0) }
            guard (item == nil) == (stored == nil) else { continue }
            if Self.digest(item) != image {
                run.fault("item \(FaultText.hex(key)) of \(name) is not what its last change left")
            }
        }
    }

    private static func digest(_ item: Item?) -> [UInt8] {
        item.map { Array(SHA256.hash($0.encoded()).prefix(16)) } ?? []
    }
}
