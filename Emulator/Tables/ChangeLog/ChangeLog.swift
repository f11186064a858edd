import Clock
import Store

/// The log of a table's changes, written in the same commit as the items. Records are numbered from 1 without
/// gaps, by a durable counter of the table; old ones are trimmed from the front.
enum ChangeLog {
    /// A record's key: table id (4 bytes), its number (8).
    static func key(_ table: UInt32, _ number: Int64) -> [UInt8] {
        var bytes = KeyEncoding.prefix(table)
        KeyEncoding.append(UInt64(number), to: &bytes)
        return bytes
    }

    /// The number in a record's key.
    static func number(ofKey key: [UInt8]) -> Int64 {
        key.dropFirst(4).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Number of the newest record ever written; 0 when there was none.
    static func last(_ table: UInt32, _ source: some Reading) throws -> Int64 {
        try source.counter(TableCounter.changes.id(table))
    }

    static func append(_ record: ChangeRecord, table: UInt32, _ transaction: Transaction) throws {
        let number = try transaction.count(TableCounter.changes.id(table), by: 1)
        transaction.put(.changes, key(table, number), record.encoded())
        if number == 1 { LogState().write(table, in: transaction) }
    }

    /// Visits the records from a number on, in order, until `body` returns false.
    static func scan(
        _ table: UInt32, from number: Int64, _ source: some Reading,
        _ body: (_ number: Int64, _ record: ChangeRecord) throws -> Bool
    ) throws {
        let end = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(table))
        try source.scan(.changes, from: key(table, number), to: end) { key, value in
            try body(Self.number(ofKey: key), ChangeRecord(decoding: value))
        }
    }

    /// Number of the first record in `first..<end` that is not older than `time`; `end` when there is none. Finds
    /// it by halving, as records are written in the order of time.
    static func first(
        _ table: UInt32, from first: Int64, before end: Int64, notBefore time: Timestamp,
        _ source: some Reading
    ) throws -> Int64 {
        var (low, high) = (first, max(first, end))
        while low < high {
            let middle = low + (high - low) / 2
            guard let bytes = try source.get(.changes, key(table, middle)) else {
                throw StoreError.corrupt("record \(middle) of a change log is missing")
            }
            if try ChangeRecord.time(ofEncoded: bytes) < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// What is counted of a table or an index, in the same commit as the change.
enum TableCounter: UInt64, CaseIterable {
    case items = 0
    /// Bytes by AWS's rules of item size.
    case bytes = 1
    /// Records ever written to the change log.
    case changes = 2

    /// - Parameter owner: id of a table or an index.
    func id(_ owner: UInt32) -> UInt64 { UInt64(owner) << 8 | rawValue }

    /// Makes all counters of a table or an index start again from 0.
    static func reset(_ owner: UInt32, in transaction: Transaction) throws {
        for counter in allCases {
            try transaction.count(counter.id(owner), by: -transaction.counter(counter.id(owner)))
        }
    }
}
