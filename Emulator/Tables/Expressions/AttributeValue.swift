/// One value of an item: the ten data types of the AWS API.
///
/// The members of a set are distinct and sorted (strings and binaries by bytes, numbers by value), which
/// makes equality of sets the equality of their arrays. Use `strings`, `numbers` and `binaries` to build one
/// from members in any order.
public indirect enum AttributeValue: Sendable {
    case s(String)
    case n(DecimalNumber)
    case b([UInt8])
    case ss([String])
    case ns([DecimalNumber])
    case bs([[UInt8]])
    case m(AttributeMap)
    case l([AttributeValue])
    case bool(Bool)
    case null

    public static func strings(_ members: some Sequence<String>) -> AttributeValue {
        .ss(distinct(members.sorted { UTF8Order.compare($0, $1) < 0 }, UTF8Order.equal))
    }

    public static func numbers(_ members: some Sequence<DecimalNumber>) -> AttributeValue {
        .ns(distinct(members.sorted(), ==))
    }

    public static func binaries(_ members: some Sequence<[UInt8]>) -> AttributeValue {
        .bs(distinct(members.sorted { UTF8Order.compare($0, $1) < 0 }, ==))
    }

    private static func distinct<T>(_ sorted: [T], _ equal: (T, T) -> Bool) -> [T] {
        var result: [T] = []
        for member in sorted {
            if let last = result.last, equal(last, member) { continue }
            result.append(member)
        }
        return result
    }

    /// The data type, by its name on the wire.
    public var type: AttributeType {
        switch self {
        case .s: .s
        case .n: .n
        case .b: .b
        case .ss: .ss
        case .ns: .ns
        case .bs: .bs
        case .m: .m
        case .l: .l
        case .bool: .bool
        case .null: .null
        }
    }

    /// The type's name on the wire: `S`, `NULL`, ...
    public var typeName: String { type.rawValue }

    /// Bytes the value costs in an item, its name not included (Amazon DynamoDB Developer Guide,
    /// "DynamoDB Item sizes and formats").
    public var size: Int {
        switch self {
        case .s(let text): text.utf8.count
        case .n(let number): number.size
        case .b(let bytes): bytes.count
        case .ss(let members): members.reduce(0) { $0 + $1.utf8.count }
        case .ns(let members): members.reduce(0) { $0 + $1.size }
        case .bs(let members): members.reduce(0) { $0 + $1.count }
        case .m(let map): 3 + map.reduce(0) { $0 + 1 + $1.name.utf8.count + $1.value.size }
        case .l(let members): 3 + members.reduce(0) { $0 + 1 + $1.size }
        case .bool, .null: 1
        }
    }
}

/// The names of the data types on the wire.
public enum AttributeType: String, Sendable, CaseIterable {
    case s = "S"
    case n = "N"
    case b = "B"
    case ss = "SS"
    case ns = "NS"
    case bs = "BS"
    case m = "M"
    case l = "L"
    case bool = "BOOL"
    case null = "NULL"

    /// The long name that texts about ADD and DELETE use.
    var longName: String {
        switch self {
        case .s: "STRING"
        case .n: "NUMBER"
        case .b: "BINARY"
        case .ss: "STRING_SET"
        case .ns: "NUMBER_SET"
        case .bs: "BINARY_SET"
        case .m: "MAP"
        case .l: "LIST"
        case .bool: "BOOLEAN"
        case .null: "NULL"
        }
    }

    /// Strings, numbers and binaries have an order and may be keys.
    public var isScalarKey: Bool { self == .s || self == .n || self == .b }
    public var isSet: Bool { self == .ss || self == .ns || self == .bs }
}

extension AttributeValue: Hashable {
    public static func == (a: AttributeValue, b: AttributeValue) -> Bool {
        switch (a, b) {
        case (.s(let x), .s(let y)): UTF8Order.equal(x, y)
        case (.n(let x), .n(let y)): x == y
        case (.b(let x), .b(let y)): x == y
        case (.ss(let x), .ss(let y)): x.count == y.count && zip(x, y).allSatisfy(UTF8Order.equal)
        case (.ns(let x), .ns(let y)): x == y
        case (.bs(let x), .bs(let y)): x == y
        case (.m(let x), .m(let y)): x == y
        case (.l(let x), .l(let y)): x == y
        case (.bool(let x), .bool(let y)): x == y
        case (.null, .null): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        hasher.combine(bytes)
    }

    /// The order of two values of one scalar type; nil when there is none.
    public func order(comparedTo other: AttributeValue) -> Int? {
        switch (self, other) {
        case (.s(let x), .s(let y)): UTF8Order.compare(x, y)
        case (.b(let x), .b(let y)): UTF8Order.compare(x, y)
        case (.n(let x), .n(let y)): x == y ? 0 : (x < y ? -1 : 1)
        default: nil
        }
    }
}
