/// The key ranges of the store. Each is ordered by its keys' bytes and kept in a column family of its own.
/// The raw value is the column family's name on disk, so it never changes.
public enum Keyspace: String, CaseIterable, Sendable {
    case settings, items, indexEntries, changes, objects, smallBodies, blobs, counters, copies, functions,
        queue

    /// Position in ``Engine``'s table of column families.
    var index: Int {
        switch self {
        case .settings: 0
        case .items: 1
        case .indexEntries: 2
        case .changes: 3
        case .objects: 4
        case .smallBodies: 5
        case .blobs: 6
        case .counters: 7
        case .copies: 8
        case .functions: 9
        case .queue: 10
        }
    }

    /// Where keys come in groups that are mostly read alone: how many bytes all keys of a group begin with. It
    /// may be anything at any time; ranges within one group are found faster.
    var groupPrefix: Int? {
        switch self {
        case .items, .indexEntries: 12
        case .settings, .changes, .objects, .smallBodies, .blobs, .counters, .copies, .functions, .queue: nil
        }
    }

    /// The first byte of the keys in ``functions`` whose rest names a blob that belongs to a function. Other
    /// services pass over those blobs when they compare what there is with what they know.
    public static let functionBlobKind = UInt8(ascii: "Z")

    /// The first byte of keys that are read all day and hardly ever change. Readers may keep what they found under
    /// them as long as ``Reading/era`` stays the same.
    public var steadyKind: UInt8? {
        switch self {
        case .objects: UInt8(ascii: "b")
        case .settings, .items, .indexEntries, .changes, .smallBodies, .blobs, .counters, .copies, .functions,
            .queue:
            nil
        }
    }
}

/// What a ``Snapshot`` and a ``Transaction`` have in common.
public protocol Reading {
    /// Stands for what is read here under steady keys (``Keyspace/steadyKind``): where one store shows the same
    /// number, it shows the same under them. Nil when that is not known.
    var era: UInt64? { get }

    /// The value at `key`, or nil.
    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]?

    /// The value of a counter that ``Transaction/count(_:by:)`` changes; 0 when there is none.
    func counter(_ id: UInt64) throws(StoreError) -> Int64

    /// Visits the keys `from <= key < to` in order, or in descending order when `reverse` is set (then the
    /// first visit is the greatest key below `to`). A nil `to` means no upper bound. `body` returns false to
    /// stop; its errors, and StoreError, end the scan.
    func scan(
        _ keyspace: Keyspace, from: [UInt8], to: [UInt8]?, reverse: Bool,
        _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Bool
    ) throws
}

extension Reading {
    /// Ascending scan.
    public func scan(
        _ keyspace: Keyspace, from: [UInt8], to: [UInt8]?,
        _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Bool
    ) throws {
        try scan(keyspace, from: from, to: to, reverse: false, body)
    }
}
