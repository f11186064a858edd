import JSON
import Store
import Synchronization

/// The tables in memory, by name. The stored definitions are the truth; this changes only after the
/// transaction that changed those has been committed.
final class Catalog: Sendable {
    private static let keyPrefix = "dynamodb/table/"
    private static let counterKey = Array("dynamodb/next-id".utf8)

    private let tables: Mutex<[String: Table]>

    /// - Throws: `StoreError`, `JSONError`, or `DefinitionError`.
    init(loadingFrom store: Store) throws {
        var loaded: [String: Table] = [:]
        let prefix = Array(Self.keyPrefix.utf8)
        try store.read { snapshot in
            try snapshot.scan(
                .settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix), reverse: false
            ) { _, value in
                let table = try Table(stored: JSONValue.parse(value))
                loaded[table.name] = table
                return true
            }
        }
        tables = Mutex(loaded)
    }

    /// The table, or nil when there is none.
    func find(_ name: String) -> Table? { tables.withLock { $0[name] } }

    /// For operations on items.
    func table(_ name: String) throws -> Table {
        guard let table = find(name) else { throw TableErrors.tableNotFound }
        return table
    }

    /// In order of their UTF-8 bytes.
    var names: [String] { tables.withLock { $0.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } } }
    var all: [Table] { tables.withLock { Array($0.values) } }

    func set(_ table: Table) { tables.withLock { $0[table.name] = table } }

    /// Removes this very table; one created meanwhile under the same name stays.
    func remove(_ table: Table) {
        tables.withLock { tables in
            if tables[table.name]?.id == table.id { tables[table.name] = nil }
        }
    }

    // MARK: inside transactions

    static func key(_ name: String) -> [UInt8] { Array((keyPrefix + name).utf8) }

    static func write(_ table: Table, timeToLive: String?, in transaction: Transaction) {
        transaction.put(.settings, key(table.name), table.stored(timeToLive: timeToLive).encoded())
    }

    /// Takes ids from the counter; the first one is 1.
    static func takeIDs(_ count: Int, in transaction: Transaction) throws -> ClosedRange<UInt32> {
        let stored = try transaction.get(.settings, counterKey)
        let last = stored.flatMap { UInt32(String(decoding: $0, as: UTF8.self)) } ?? 0
        let next = last + UInt32(count)
        transaction.put(.settings, counterKey, Array(String(next).utf8))
        return (last + 1)...next
    }
}
