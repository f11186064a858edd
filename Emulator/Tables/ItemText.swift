import Expressions
import JSON

/// Parts of answers as JSON text.
enum ItemText {
    /// Appends a stored item, or what the projection leaves of it.
    /// - Returns: the size of the whole item in bytes.
    static func append(
        _ stored: UnsafeRawBufferPointer, _ projection: ProjectionExpression?, to text: inout JSONText
    ) throws -> Int {
        guard let projection else { return try StoredItem.append(stored, to: &text) }
        let item = try Item(decoding: Array(stored))
        text.append(value: projection.project(item).json)
        return item.itemSize
    }

    /// Appends `ConsumedCapacity` when it was asked for, after whatever members the object has already.
    static func append(
        _ consumption: Consumption, _ table: Table, _ level: CapacityLevel, to text: inout JSONText
    ) {
        guard let capacity = consumption.json(table: table.name, level: level) else { return }
        // Only an opening brace ends with this byte: everything else ends with a quote, digit or bracket.
        if text.last != 0x7B { text.append(byte: 0x2C) }
        text.append("\"ConsumedCapacity\":")
        text.append(value: capacity)
    }
}
