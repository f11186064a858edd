import AWSProtocol
import Clock
import Store

/// Turns the streams of tables on and off, inside the transaction that changes the table.
///
/// None of these functions stores the definition: that is the caller's part.
enum StreamSwitch {
    /// What UpdateTable asks for.
    /// - Throws: `ValidationException` when the stream is on or off already.
    static func apply(
        _ input: StreamInput, to definition: inout TableDefinition, in transaction: Transaction
    ) throws {
        let isOn = definition.stream != nil
        if input.isEnabled == true, let viewType = input.viewType {
            if isOn {
                throw TableErrors.validation(
                    "Table already has an enabled stream: TableName: \(definition.name)")
            }
            try turnOn(&definition, viewType: viewType, in: transaction)
        } else {
            if !isOn {
                throw TableErrors.validation("Table has no stream to disable: TableName: \(definition.name)")
            }
            try turnOff(&definition, in: transaction)
        }
    }

    /// - Parameter definition: of a table without a stream, or of a new one.
    static func turnOn(
        _ definition: inout TableDefinition, viewType: String, in transaction: Transaction
    ) throws {
        let now = transaction.now
        let label = try freeLabel(definition.name, now, transaction)
        let first = try ChangeLog.last(definition.id, transaction) + 1
        let stream = ChangeStream(
            table: definition.name, label: label, tableID: definition.id, viewType: viewType, created: now,
            hash: definition.keys.hash.map(\.name), range: definition.keys.range.map(\.name), closed: nil,
            shards: [ChangeStream.Shard(of: label, parent: nil, first: first, opened: now)])
        stream.write(in: transaction)
        try IteratorKey.ensure(in: transaction)
        definition.stream = StreamSettings(viewType: viewType, label: label)
        definition.latestStream = label
    }

    /// Does nothing to a table without a stream. To be called for a table that is dropped, too, before its
    /// counters go.
    static func turnOff(_ definition: inout TableDefinition, in transaction: Transaction) throws {
        guard let label = definition.stream?.label else { return }
        if var stream = try ChangeStream.read(ChangeStream.key(definition.name, label), transaction) {
            stream.closed = transaction.now
            stream.shards[stream.shards.count - 1].last = try ChangeLog.last(definition.id, transaction)
            stream.write(in: transaction)
        }
        definition.stream = nil
    }

    /// Labels are times in milliseconds; two streams of one name that begin in the same one get different ones.
    private static func freeLabel(
        _ table: String, _ now: Timestamp, _ transaction: Transaction
    ) throws -> String {
        var time = now
        while true {
            let label = String(time.iso8601.dropLast())
            if try transaction.get(.settings, ChangeStream.key(table, label)) == nil { return label }
            time = time + 1
        }
    }
}
