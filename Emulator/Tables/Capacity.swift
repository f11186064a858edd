import JSON

/// Capacity units used by one request on one table, by AWS's rules (Amazon DynamoDB Developer Guide,
/// "DynamoDB read and write operations").
struct Consumption: Sendable {
    enum Direction: Sendable { case read, write }

    var table = 0.0
    var globals: [String: Double] = [:]
    var locals: [String: Double] = [:]

    var total: Double { table + globals.values.reduce(0, +) + locals.values.reduce(0, +) }

    mutating func add(_ units: Double, to index: TableIndex) {
        switch index.kind {
        case .global: globals[index.name, default: 0] += units
        case .local: locals[index.name, default: 0] += units
        }
    }

    static func + (a: Consumption, b: Consumption) -> Consumption {
        Consumption(
            table: a.table + b.table, globals: a.globals.merging(b.globals, uniquingKeysWith: +),
            locals: a.locals.merging(b.locals, uniquingKeysWith: +))
    }

    func multiplied(by factor: Double) -> Consumption {
        Consumption(
            table: table * factor, globals: globals.mapValues { $0 * factor },
            locals: locals.mapValues { $0 * factor })
    }

    /// Units for `bytes` read at once: one for each started 4 KB, half when eventually consistent.
    static func read(bytes: Int, isConsistent: Bool) -> Double {
        Double(max(1, (bytes + 4095) / 4096)) * (isConsistent ? 1 : 0.5)
    }

    /// Units for an item written: one for each started 1 KB of the larger of old and new.
    static func write(old: Int, new: Int) -> Double { Double(max(1, (max(old, new) + 1023) / 1024)) }

    /// AWS writes these as fractions even when they are whole.
    static func number(_ value: Double) -> JSONValue {
        .number(JSONNumber(text: "\(value)") ?? JSONNumber(value))
    }

    /// - Parameter split: transactional requests also tell reads from writes.
    func json(table name: String, level: CapacityLevel, split: Direction? = nil) -> JSONValue? {
        guard level != .none else { return nil }
        func units(_ value: Double) -> JSONValue {
            var object = JSONObject()
            object.append("CapacityUnits", Self.number(value))
            switch split {
            case .read: object.append("ReadCapacityUnits", Self.number(value))
            case .write: object.append("WriteCapacityUnits", Self.number(value))
            case nil: break
            }
            return .object(object)
        }
        var object = JSONObject()
        object.append("TableName", .string(name))
        for (key, value) in units(total).object ?? JSONObject() { object.append(key, value) }
        guard level == .indexes else { return .object(object) }
        object.append("Table", units(table))
        for (member, map) in [("LocalSecondaryIndexes", locals), ("GlobalSecondaryIndexes", globals)]
        where !map.isEmpty {
            var indexes = JSONObject()
            for (index, value) in map.sorted(by: { $0.key < $1.key }) { indexes.append(index, units(value)) }
            object.append(member, .object(indexes))
        }
        return .object(object)
    }
}

/// `ReturnConsumedCapacity`.
enum CapacityLevel: String, Sendable {
    case none = "NONE"
    case total = "TOTAL"
    case indexes = "INDEXES"

    init(_ text: String?) { self = text.flatMap(CapacityLevel.init(rawValue:)) ?? .none }
}
