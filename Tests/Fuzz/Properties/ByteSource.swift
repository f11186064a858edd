import Expressions

/// Makes values out of bytes: the same bytes make the same values, and any bytes make some. So a fuzzer and a
/// seeded generator can both drive it, and a finding is kept as a small file.
public struct ByteSource {
    private var rest: ArraySlice<UInt8>

    public init(_ bytes: [UInt8]) { rest = bytes[...] }

    public var isEmpty: Bool { rest.isEmpty }

    /// Zeros when nothing is left.
    public mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number(below bound: Int) -> Int { Int(byte()) % max(1, bound) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that is left, as text; what is not UTF-8 is replaced.
    public mutating func text() -> String {
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self)
    }

    /// Everything up to a line's end or the end.
    public mutating func line() -> String {
        let taken = rest.prefix { $0 != 0x0A }
        rest = rest.dropFirst(taken.count + 1)
        return String(decoding: taken, as: UTF8.self)
    }

    mutating func shortText() -> String {
        // Few names, so that paths of expressions meet them; sometimes anything.
        let known = ["a", "b", "name", "x", "é", "e\u{301}", ""]
        let choice = number(below: 10)
        if choice < known.count { return known[choice] }
        return String(decoding: bytes(number(below: 12)), as: UTF8.self)
    }

    public mutating func decimal() -> DecimalNumber {
        let negative = byte() & 1 == 1 ? "-" : ""
        let digits = bytes(1 + number(below: 24)).map { String($0) }.joined().prefix(38)
        let exponent = number(below: 250) - 125
        let text = "\(negative)\(digits.isEmpty ? "0" : digits)E\(exponent)"
        return (try? DecimalNumber(text)) ?? .zero
    }

    public mutating func scalar() -> AttributeValue {
        switch number(below: 3) {
        case 0: .s(shortText())
        case 1: .n(decimal())
        default: .b(bytes(number(below: 12)))
        }
    }

    public mutating func value(depth: Int = 0) -> AttributeValue {
        switch number(below: depth < 6 ? 10 : 5) {
        case 0, 1, 2: return scalar()
        case 3: return .bool(byte() & 1 == 1)
        case 4: return .null
        case 5: return .strings((0...number(below: 5)).map { _ in shortText() })
        case 6: return .numbers((0...number(below: 5)).map { _ in decimal() })
        case 7: return .binaries((0...number(below: 5)).map { _ in bytes(number(below: 6)) })
        case 8: return .l((0..<number(below: 5)).map { _ in value(depth: depth + 1) })
        default: return .m(item(depth: depth + 1))
        }
    }

    public mutating func item(depth: Int = 0) -> Item {
        Item(
            (0..<number(below: 6)).map { _ in
                let name = shortText()
                return (name: name.isEmpty ? "a" : name, value: value(depth: depth))
            })
    }
}
