import Expressions
import JSON
import Store
import Synchronization

/// The tables in memory, by name. The stored definitions are the truth. A commit that changes one may fail and
/// yet have been carried out, so after each, failed or not, the definition is read back: by a transaction, as
/// those run only once the store has recovered from a failure.
final class Catalog: Sendable {
    private static let keyPrefix = "dynamodb/table/"
    static let counterKey = Array("dynamodb/next-id".utf8)

    private struct State {
        var tables: [String: Table]
        /// Names whose definitions must be read back, each with the number of its latest request for that.
        var doubts: [String: Int] = [:]
        var requests = 0
    }

    private let state: Mutex<State>

    /// - Throws: `StoreError`, `JSONError`, or `DefinitionError`.
    init(loadingFrom store: Store) throws {
        var loaded: [String: Table] = [:]
        let prefix = Array(Self.keyPrefix.utf8)
        try store.read { snapshot in
            try snapshot.scan(
                .settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix), reverse: false
            ) { _, value in
                let table = Self.start(try TableDefinition(stored: JSONValue.parse(value)))
                table.life.settle(table.life.state.version)
                loaded[table.name] = table
                return true
            }
        }
        state = Mutex(State(tables: loaded))
    }

    /// The table, or nil when there is none.
    /// By its bytes: to Swift, a name with other characters of the same meaning (U+212A for K) would be the same.
    func find(_ name: String) -> Table? {
        state.withLock { $0.tables[name] }.flatMap { UTF8Order.equal($0.name, name) ? $0 : nil }
    }

    /// For operations on items.
    func table(_ name: String) throws -> Table {
        guard let table = find(name), !table.isRestoring else { throw TableErrors.tableNotFound }
        return table
    }

    /// In order of their UTF-8 bytes.
    var names: [String] {
        let names = state.withLock { Array($0.tables.keys) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    var all: [Table] { state.withLock { Array($0.tables.values) } }

    /// Adds a table that has been committed, unless it has been read back already.
    func add(_ table: Table) {
        state.withLock { if $0.tables[table.name] == nil { $0.tables[table.name] = table } }
    }

    /// Removes this very table; one created meanwhile under the same name stays.
    func remove(_ table: Table) {
        state.withLock { if $0.tables[table.name]?.id == table.id { $0.tables[table.name] = nil } }
    }

    // MARK: reading definitions back

    /// To be called when a commit that changes the definition has ended, well or not.
    func readBack(_ name: String, from store: Store) async {
        state.withLock {
            $0.requests += 1
            $0.doubts[name] = $0.requests
        }
        await settle(store)
    }

    /// Whether there is a definition to be read back.
    var isInDoubt: Bool { state.withLock { !$0.doubts.isEmpty } }

    /// Reads the definitions in doubt back. While the store takes no commits they stay in doubt: reads go on
    /// with what is in memory, writes would fail anyway.
    func settle(_ store: Store) async {
        let doubts = state.withLock { $0.doubts }
        guard !doubts.isEmpty else { return }
        let names = Array(doubts.keys)
        let found = try? await store.commit { transaction in
            try names.flatMap { try self.readBack($0, in: transaction) }
        }
        // An earlier transaction of the same batch may have written what was read: it counts from now on only.
        guard let found else { return }
        for (life, version) in found { life.settle(version) }
        state.withLock { state in
            for (name, request) in doubts where state.doubts[name] == request { state.doubts[name] = nil }
        }
    }

    /// - Returns: the lives that now show what is stored, with their versions.
    private func readBack(
        _ name: String, in transaction: Transaction
    ) throws -> [(life: TableLife, version: Int)] {
        let stored = try Self.read(name, in: transaction)
        return state.withLock { state in
            var lives: [TableLife] = []
            let known = state.tables[name]
            if let known, known.id == stored?.id {
                state.tables[name] = stored.map { Table($0, life: known.life) }
                known.life.refresh(state.tables[name])
                lives = [known.life]
            } else {
                known?.life.refresh(nil)
                state.tables[name] = stored.map(Self.start)
                lives = [known?.life, state.tables[name]?.life].compactMap { $0 }
            }
            return lives.map { ($0, $0.state.version) }
        }
    }

    /// A table whose life begins now.
    static func start(_ definition: TableDefinition) -> Table {
        let table = Table(definition, life: TableLife())
        table.life.refresh(table)
        return table
    }

    // MARK: inside transactions

    static func key(_ name: String) -> [UInt8] { Array((keyPrefix + name).utf8) }

    /// The stored definition.
    static func read(_ name: String, in transaction: Transaction) throws -> TableDefinition? {
        try transaction.get(.settings, key(name)).map { try TableDefinition(stored: JSONValue.parse($0)) }
    }

    /// Whether a definition with this id is stored. Reads all of them.
    static func isDefined(_ id: UInt32, _ source: some Reading) throws -> Bool {
        let prefix = Array(keyPrefix.utf8)
        var isFound = false
        try source.scan(.settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { _, value in
            isFound = try TableDefinition(stored: JSONValue.parse(value)).id == id
            return !isFound
        }
        return isFound
    }

    /// Stores the table's definition, by which every later transaction goes.
    static func write(_ table: Table, in transaction: Transaction) {
        transaction.put(.settings, key(table.name), table.definition.stored.encoded())
        table.life.change(to: table)
    }

    /// Takes ids from the counter; the first one is 1.
    static func takeIDs(_ count: Int, in transaction: Transaction) throws -> ClosedRange<UInt32> {
        let stored = try transaction.get(.settings, counterKey)
        guard let last = stored.map({ UInt32(String(decoding: $0, as: UTF8.self)) }) ?? 0 else {
            throw StoreError.corrupt("the counter of table ids is not a number")
        }
        let next = last + UInt32(count)
        transaction.put(.settings, counterKey, Array(String(next).utf8))
        return (last + 1)...next
    }
}
