import Clock
import Expressions
import Store
import Synchronization

/// One attribute of a key.
struct KeyAttribute: Sendable, Equatable {
    let name: String
    let type: AttributeType
}

/// The key of a table or an index. Tables and local indexes have one attribute of each kind at most, global
/// indexes up to four.
struct KeySchema: Sendable, Equatable {
    /// Attributes of one kind in the key of a global index.
    static let maximumOfKind = 4

    let hash: [KeyAttribute]
    let range: [KeyAttribute]
    let all: [KeyAttribute]

    init(hash: [KeyAttribute], range: [KeyAttribute]) {
        self.hash = hash
        self.range = range
        all = hash + range
    }

    func contains(_ name: String) -> Bool {
        hash.contains { UTF8Order.equal($0.name, name) } || range.contains { UTF8Order.equal($0.name, name) }
    }
}

struct Throughput: Sendable, Equatable {
    static let maximumUnits = 1_000_000_000_000

    var read: Int
    var write: Int
}

enum ProjectionType: String, Sendable, CaseIterable {
    case all = "ALL"
    case include = "INCLUDE"
    case keysOnly = "KEYS_ONLY"
}

/// A secondary index.
struct TableIndex: Sendable {
    /// Names in the projections of all indexes of one table.
    static let maximumProjected = 100
    /// Global indexes of one table.
    static let maximumGlobal = 20

    enum Kind: String, Sendable {
        case global = "GlobalSecondaryIndexes"
        case local = "LocalSecondaryIndexes"
    }

    let kind: Kind
    let name: String
    /// Prefix of its entries' keys; never used twice.
    let id: UInt32
    let keys: KeySchema
    let projection: ProjectionType
    let nonKeyAttributes: [String]
    var throughput: Throughput?
    /// Names an entry carries; nil for all.
    let projected: [String]?
    /// Items that were there before the index may still lack their entries: it is not read yet.
    var isBackfilling = false
    var settings = IndexSettings()

    init(
        kind: Kind, name: String, id: UInt32, keys: KeySchema, tableKeys: KeySchema,
        projection: ProjectionType, nonKeyAttributes: [String], throughput: Throughput?
    ) {
        self.kind = kind
        self.name = name
        self.id = id
        self.keys = keys
        self.projection = projection
        self.nonKeyAttributes = nonKeyAttributes
        self.throughput = throughput
        projected =
            projection == .all ? nil : (keys.all + tableKeys.all).map(\.name) + nonKeyAttributes
    }

    /// What a read of the index sees of an item.
    func view(of item: Item) -> Item {
        guard let projected else { return item }
        var result = Item()
        for name in projected { result[name] = item[name] }
        return result
    }
}

/// What a table is, as far as it is stored.
struct TableDefinition: Sendable {
    let name: String
    /// Prefix of its items' keys; never used twice, so a table of the same name starts empty.
    let id: UInt32
    /// The `TableId` of descriptions.
    let uuid: String
    let created: Timestamp
    let keys: KeySchema
    /// `AttributeDefinitions`.
    var attributes: [KeyAttribute]
    var indexes: [TableIndex]
    /// Nil when billed per request.
    var throughput: Throughput?
    var tableClass: String?
    var isProtected: Bool
    /// The attribute with the expiry time, while that is enabled.
    var timeToLive: String?
    /// Set while the change stream is on.
    var stream: StreamSettings?
    /// `LatestStreamLabel`: of the stream that is on or was on last.
    var latestStream: String?
    /// Set while point-in-time recovery is on.
    var recovery: RecoverySettings?
    /// Copies of its items that are being made (``TableCopy``).
    var copies: [UInt32] = []
    /// How it came to be, when it was restored from a backup or an earlier time.
    var restore: RestoreSummary?
    /// Whether its durable counters are right; tables made before there were any are counted once.
    var isCounted = true
    var settings = TableSettings()

    /// Whether each change is written to the change log.
    var logsChanges: Bool { stream != nil || recovery != nil }
}

/// `StreamSpecification` of a table whose stream is on.
struct StreamSettings: Sendable, Equatable {
    /// `StreamViewType`.
    let viewType: String
    /// `LatestStreamLabel`: when it was turned on.
    let label: String
}

/// Point-in-time recovery of a table.
struct RecoverySettings: Sendable, Equatable {
    /// When it was turned on: nothing before can be recovered.
    let since: Timestamp
    /// `RecoveryPeriodInDays`, 1 to 35.
    let days: Int
}

/// A table as of one of its definitions. Objects never change: a change makes a new one, with the same life.
final class Table: Sendable {
    let definition: TableDefinition
    let life: TableLife

    init(_ definition: TableDefinition, life: TableLife) {
        self.definition = definition
        self.life = life
    }

    var name: String { definition.name }
    var id: UInt32 { definition.id }
    var keys: KeySchema { definition.keys }
    var indexes: [TableIndex] { definition.indexes }
    var timeToLive: String? { definition.timeToLive }
    var hashKey: KeyAttribute { definition.keys.hash[0] }
    var rangeKey: KeyAttribute? { definition.keys.range.first }
    var hasLocalIndexes: Bool { definition.indexes.contains { $0.kind == .local } }
    func index(_ name: String) -> TableIndex? { definition.indexes.first { $0.name == name } }

    /// The same table with another definition.
    func with(_ change: (inout TableDefinition) -> Void) -> Table {
        var definition = definition
        change(&definition)
        return Table(definition, life: life)
    }
}

/// What a table has become while requests for it are on their way. It is set on the commit thread by the
/// transaction that stores a change, and asked there by every write: so a write planned before leaves no
/// item behind in a dropped table, and enters indexes and expiry times as soon as they count.
///
/// That transaction may fail, and even then it may have been carried out. So from the change on the life is
/// unsettled, and writes read the stored definition, until ``Catalog/settle(_:)`` has read it back.
final class TableLife: Sendable {
    struct State: Sendable {
        /// Nil once the table is dropped.
        var newest: Table?
        /// Counts the changes.
        var version = 0
        var isSettled = false
    }

    private let guarded = Mutex(State())

    var state: State { guarded.withLock { $0 } }

    /// For the transaction that stores the change; nil when the table is dropped.
    func change(to table: Table?) {
        guarded.withLock { $0 = State(newest: table, version: $0.version + 1) }
    }

    /// For a definition read from the store.
    func refresh(_ table: Table?) { guarded.withLock { $0.newest = table } }

    /// Settles the state, unless it has changed since it had that version.
    func settle(_ version: Int) {
        guarded.withLock { if $0.version == version { $0.isSettled = true } }
    }
}

extension Table {
    /// The table as the transactions before this one left it. Called first in every write, on the commit
    /// thread, which then goes by this definition and not by the one it was planned with.
    /// - Throws: `AWSError` when the table is no more.
    func newest(in transaction: Transaction) throws -> Table {
        var state = life.state
        if !state.isSettled {
            let stored = try Catalog.read(name, in: transaction)
            state.newest = stored?.id == id ? stored.map { Table($0, life: life) } : nil
            life.refresh(state.newest)
        }
        guard let newest = state.newest else { throw TableErrors.tableNotFound }
        return newest
    }
}
