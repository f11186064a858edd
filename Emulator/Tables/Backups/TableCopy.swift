import Expressions
import Store

/// Copies of a table's items as of one instant, made while the table is being written to.
///
/// A copy grows in the order of the items' keys, a portion a commit. A write to an item that has not been copied
/// yet first puts what was there into the copy (`preserve`), or a tombstone when nothing was; the portion that
/// comes by leaves such keys alone. So the copy shows the instant at which it began, however long it takes.
enum TableCopy {
    /// Items that one commit copies at most.
    static let portion = 500
    /// Bytes after which a commit copies no more.
    static let portionBytes = 2 << 20

    /// Stands in a copy for an item that came later than the copy's instant. No item is encoded as nothing.
    private static let tombstone: [UInt8] = []

    static func cursorKey(_ copy: UInt32) -> [UInt8] {
        Array("dynamodb/copy-cursor/".utf8) + KeyEncoding.prefix(copy)
    }

    /// Where an item's copy is kept.
    static func key(_ copy: UInt32, ofItem key: [UInt8]) -> [UInt8] {
        KeyEncoding.prefix(copy) + key[KeyEncoding.hashOffset...]
    }

    /// Begins a copy: it will show what `table` holds now.
    static func begin(_ copy: UInt32, of table: Table, in transaction: Transaction) {
        transaction.put(.settings, cursorKey(copy), KeyEncoding.prefix(table.id))
        Catalog.write(table.with { $0.copies.append(copy) }, in: transaction)
    }

    /// To be called before the item under `key` changes.
    static func preserve(
        _ old: Item?, key: [UInt8], in table: Table, _ transaction: Transaction
    ) throws {
        for copy in table.definition.copies {
            guard let cursor = try transaction.get(.settings, cursorKey(copy)),
                !key.lexicographicallyPrecedes(cursor)
            else { continue }
            let place = Self.key(copy, ofItem: key)
            guard try transaction.get(.copies, place) == nil else { continue }
            transaction.put(.copies, place, old?.encoded() ?? tombstone)
        }
    }

    /// What one step has added to a copy.
    struct Progress {
        var statistics = TableStatistics()
        var isComplete = false
    }

    /// Copies the next portion. Called with the table's newest definition.
    static func advance(_ copy: UInt32, of table: Table, in transaction: Transaction) throws -> Progress {
        var progress = Progress()
        guard let cursor = try transaction.get(.settings, cursorKey(copy)) else {
            throw StoreError.corrupt("copy \(copy) of table \(table.name) has lost its cursor")
        }
        let tableEnd = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(table.id))
        var (found, bytes) = ([(key: [UInt8], value: [UInt8])](), 0)
        try transaction.scan(.items, from: cursor, to: tableEnd) { key, value in
            found.append((key, value))
            bytes += key.count + value.count
            return found.count < portion && bytes < portionBytes
        }
        for (key, value) in found {
            let place = Self.key(copy, ofItem: key)
            if try transaction.get(.copies, place) == nil { transaction.put(.copies, place, value) }
        }
        let isLast = found.count < portion && bytes < portionBytes
        let reached = isLast ? nil : found.last.map { $0.key + [0] }
        let next = try settle(copy, of: table, from: cursor, to: reached, &progress, transaction)
        progress.isComplete = next == nil
        if let next {
            transaction.put(.settings, cursorKey(copy), next)
        } else {
            transaction.delete(.settings, cursorKey(copy))
            Catalog.write(table.with { $0.copies.removeAll { $0 == copy } }, in: transaction)
        }
        return progress
    }

    /// Nobody will preserve anything between these item keys any more: tombstones go, and the rest is counted.
    /// Writers may have left much there, so this has a bound of its own.
    /// - Returns: up to which item key that is done; nil for the end of the table.
    private static func settle(
        _ copy: UInt32, of table: Table, from: [UInt8], to: [UInt8]?, _ progress: inout Progress,
        _ transaction: Transaction
    ) throws -> [UInt8]? {
        let first = key(copy, ofItem: from)
        let end =
            to.map { key(copy, ofItem: $0) } ?? KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(copy))
        var tombstones: [[UInt8]] = []
        var statistics = TableStatistics()
        var (seen, bytes) = (0, 0)
        var last: [UInt8]?
        try transaction.scan(.copies, from: first, to: end) { key, value in
            if value == tombstone {
                tombstones.append(key)
            } else {
                statistics.add(try Item(decoding: value))
            }
            seen += 1
            bytes += value.count
            guard seen < 2 * portion, bytes < 2 * portionBytes else {
                last = key
                return false
            }
            return true
        }
        for key in tombstones { transaction.delete(.copies, key) }
        progress.statistics = statistics
        guard let last else { return to }
        return KeyEncoding.prefix(table.id) + last[KeyEncoding.hashOffset...] + [0]
    }

    /// Removes a copy that is complete.
    static func drop(_ copy: UInt32, in transaction: Transaction) throws {
        try GarbageCollection.drop(.copies, prefix: KeyEncoding.prefix(copy), in: transaction)
    }
}
