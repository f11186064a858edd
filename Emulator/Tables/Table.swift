import Clock
import Expressions
import JSON
import Synchronization

/// One attribute of a key.
struct KeyAttribute: Sendable, Equatable {
    let name: String
    let type: AttributeType
}

/// The key of a table or an index. Tables and local indexes have one attribute of each kind at most, global
/// indexes up to four.
struct KeySchema: Sendable, Equatable {
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
    let throughput: Throughput?
    /// Names an entry carries; nil for all.
    let projected: [String]?

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

/// A table's definition. Values never change: a change makes a new one.
struct Table: Sendable {
    let name: String
    /// Prefix of its items' keys; never used twice, so a table of the same name starts empty.
    let id: UInt32
    /// The `TableId` of descriptions.
    let uuid: String
    let created: Timestamp
    let keys: KeySchema
    let definitions: [KeyAttribute]
    let indexes: [TableIndex]
    /// Nil when billed per request.
    let throughput: Throughput?
    let tableClass: String?
    let isProtected: Bool
    let life: TableLife

    /// The attribute with the expiry time, while that is enabled.
    var timeToLive: String? { life.state.timeToLive }

    var hashKey: KeyAttribute { keys.hash[0] }
    var rangeKey: KeyAttribute? { keys.range.first }
    var hasLocalIndexes: Bool { indexes.contains { $0.kind == .local } }
    func index(_ name: String) -> TableIndex? { indexes.first { $0.name == name } }
}

/// What changes about a table while requests for it are on their way. It is set on the commit thread by the
/// transaction that stores the change, and asked there by every write: so a write planned before leaves no
/// item behind in a dropped table, and enters expiry times as soon as they count.
///
/// That transaction may fail, and even then it may have been carried out. So from the change on the state is
/// unsettled, and writes read the stored definition, until ``Catalog/settle(_:)`` has read it back.
final class TableLife: Sendable {
    struct State: Sendable {
        var isDropped = false
        var timeToLive: String?
    }

    private struct Guarded {
        var state: State
        /// Counts the changes.
        var version = 0
        var isSettled = false
    }

    private let guarded: Mutex<Guarded>

    init(timeToLive: String? = nil) {
        guarded = Mutex(Guarded(state: State(timeToLive: timeToLive)))
    }

    var state: State { guarded.withLock { $0.state } }
    var isSettled: Bool { guarded.withLock { $0.isSettled } }
    var version: Int { guarded.withLock { $0.version } }

    /// For the transaction that stores the change.
    func change(_ state: State) {
        guarded.withLock { $0 = Guarded(state: state, version: $0.version + 1) }
    }

    /// For a state read from the stored definition.
    func refresh(_ state: State) { guarded.withLock { $0.state = state } }

    /// Settles the state, unless it has changed since it had that version.
    func settle(_ version: Int) {
        guarded.withLock { if $0.version == version { $0.isSettled = true } }
    }
}
