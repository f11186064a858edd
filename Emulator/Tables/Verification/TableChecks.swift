import Expressions
import JSON
import Store

extension TablesService {
    /// What this service promises about its stored state, for `emulator verify`.
    public static let checks: [StoreCheck] = [
        StoreCheck("table-definitions", DefinitionCheck.run), StoreCheck("table-items", ItemCheck.run),
        StoreCheck("table-index-entries", IndexEntryCheck.run),
        StoreCheck("table-counters", CounterCheck.run), StoreCheck("table-streams", StreamCheck.run),
        StoreCheck("table-transaction-tokens", TokenCheck.run),
        StoreCheck("table-backups", BackupCheck.run),
    ]
}

/// The tables of a snapshot, found by the ids that stand in stored keys.
struct StoredTables {
    private(set) var tables: [UInt32: Table] = [:]
    private(set) var indexes: [UInt32: (index: TableIndex, table: Table)] = [:]
    /// What dropped tables and indexes have left and is still being removed.
    private let garbage: [(keyspace: Keyspace, prefix: [UInt8])]

    /// Definitions that cannot be read are left out: ``DefinitionCheck`` reports them.
    init(_ snapshot: Snapshot) throws {
        garbage = try GarbageCollection.waiting(snapshot)
        try Self.definitions(snapshot) { _, value in
            guard let definition = try? TableDefinition(stored: JSONValue.parse(value)) else { return }
            let table = Catalog.start(definition)
            tables[table.id] = table
            for index in table.indexes { indexes[index.id] = (index, table) }
        }
    }

    /// Whether a key will be removed and means nothing any more.
    func isGarbage(_ keyspace: Keyspace, _ key: [UInt8]) -> Bool {
        garbage.contains { $0.keyspace == keyspace && key.starts(with: $0.prefix) }
    }

    static func definitions(_ snapshot: Snapshot, _ body: ([UInt8], [UInt8]) throws -> Void) throws {
        try scan(snapshot, .settings, Catalog.key(""), body)
    }

    /// Visits all entries that begin with `prefix`.
    static func scan(
        _ snapshot: Snapshot, _ keyspace: Keyspace, _ prefix: [UInt8],
        _ body: ([UInt8], [UInt8]) throws -> Void
    ) throws {
        try snapshot.scan(
            keyspace, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix), reverse: false
        ) { key, value in
            try body(key, value)
            return true
        }
    }

    /// The id that a stored key begins with; nil when it is too short for one.
    static func id(_ key: [UInt8], at offset: Int = 0) -> UInt32? {
        guard key.count >= offset + 4 else { return nil }
        return key[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// How faults name things.
enum FaultText {
    /// An item by its key attributes.
    static func name(_ item: Item, _ table: Table) -> String {
        "item \(table.key(of: item).json.encodedString()) of table '\(table.name)'"
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let shown = bytes.prefix(64).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: shown, as: UTF8.self) + (bytes.count > 64 ? "..." : "")
    }
}

/// Each definition can be read and stands under its name; ids are given once and stay below the counter.
enum DefinitionCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let counter = try snapshot.get(.settings, Catalog.counterKey)
        let last = counter.flatMap { UInt32(String(decoding: $0, as: UTF8.self)) }
        if counter != nil, last == nil { run.fault("the counter of table ids is not a number") }
        var owners: [UInt32: String] = [:]
        func claim(_ id: UInt32, _ owner: String) {
            if id == KeyEncoding.expiryID { run.fault("\(owner) has the reserved id \(id)") }
            if id > last ?? 0 { run.fault("\(owner) has the id \(id), which was never given out") }
            if let other = owners.updateValue(owner, forKey: id) {
                run.fault("\(owner) and \(other) share the id \(id)")
            }
        }
        try StoredTables.definitions(snapshot) { key, value in
            run.count()
            let name = String(decoding: key[Catalog.key("").count...], as: UTF8.self)
            guard let table = try? TableDefinition(stored: JSONValue.parse(value)) else {
                return run.fault("the definition of table '\(name)' cannot be read")
            }
            if table.name != name {
                run.fault("the definition of table '\(name)' says that it is '\(table.name)'")
            }
            claim(table.id, "table '\(name)'")
            for index in table.indexes { claim(index.id, "index '\(index.name)' of table '\(name)'") }
        }
        let tables = try StoredTables(snapshot)
        try StoredTables.scan(snapshot, .settings, Sweeper.cursorPrefix) { key, _ in
            run.count()
            guard let id = StoredTables.id(key, at: Sweeper.cursorPrefix.count),
                tables.tables[id]?.timeToLive != nil
            else {
                return run.fault("expiry times are being indexed for a table that is gone or has none")
            }
        }
        try StoredTables.scan(snapshot, .settings, IndexBackfill.cursorPrefix) { key, _ in
            run.count()
            guard let id = StoredTables.id(key, at: IndexBackfill.cursorPrefix.count),
                tables.indexes[id]?.index.isBackfilling == true
            else { return run.fault("an index is being filled that is gone or is full already") }
        }
        for (prefix, what) in [(TableTags.prefix, "tags"), (ResourcePolicy.prefix, "a policy")] {
            try StoredTables.scan(snapshot, .settings, prefix) { key, _ in
                run.count()
                guard let id = StoredTables.id(key, at: prefix.count), tables.tables[id] != nil else {
                    return run.fault("there are \(what) of a table that is gone")
                }
            }
        }
    }
}

/// Every remembered transaction token will be forgotten in time.
enum TokenCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        try StoredTables.scan(snapshot, .settings, TransactionToken.prefix) { key, value in
            run.count()
            let text = Array(key[TransactionToken.prefix.count...])
            guard value.count == TransactionToken.storedLength else {
                return run.fault("transaction token \(FaultText.hex(text)) is malformed")
            }
            let entry = TransactionToken.timePrefix + value[..<8] + text
            if try snapshot.get(.settings, entry) == nil {
                run.fault("transaction token \(FaultText.hex(text)) has no entry in the order of time")
            }
        }
    }
}
