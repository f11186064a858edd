/// A JSON number as it was written: no digit is lost on the way through.
///
/// Two numbers are equal when their texts are: `1` and `1.0` differ.
public struct JSONNumber: Sendable, Hashable {
    /// The number in RFC 8259's grammar.
    public let text: String

    /// For the parser, which has checked the grammar.
    init(checked text: String) { self.text = text }

    public init(_ value: some BinaryInteger) { text = String(value) }

    /// The shortest text that reads back as `value`, which must be finite: JSON has neither
    /// infinity nor NaN.
    public init(_ value: Double) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        let text = value.description
        self.text = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// nil when `text` is not a number by RFC 8259, section 6 (`+1`, `01`, `.5`, `1.`, `0x1`, …).
    public init?(text: String) {
        let bytes = Array(text.utf8)
        let scan = bytes.withUnsafeBufferPointer { JSONNumber.scan($0, from: 0) }
        guard scan == .number(end: bytes.count) else { return nil }
        self.text = text
    }

    /// The value when it is an integer that fits; `1.0` and `1e3` are integers too.
    public var int: Int? { Int(text) ?? integer() }

    public var int64: Int64? { Int64(text) ?? integer() }

    /// The nearest double; infinite when the number is too large for one, such as `1e400`.
    public var double: Double { Double(text) ?? .nan }

    /// For texts with a point or an exponent. Doubles are exact up to 2^53: beyond that the answer
    /// would be a guess.
    private func integer<Value: FixedWidthInteger>() -> Value? {
        let value = double
        guard value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Value(exactly: value)
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, CustomStringConvertible {
    public init(integerLiteral value: Int) { self.init(value) }
    public init(floatLiteral value: Double) { self.init(value) }
    public var description: String { text }
}

// MARK: - Grammar

extension JSONNumber {
    enum Scan: Equatable {
        /// A number that ends before `end`.
        case number(end: Int)
        /// Not a number: what is wrong at `offset`.
        case wrong(String, offset: Int)
    }

    /// Reads `[-] int [frac] [exp]` at `start`.
    static func scan(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Scan {
        var index = start
        func digits() -> Int {
            let first = index
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
            return index - first
        }
        if index < bytes.count, bytes[index] == 0x2D { index += 1 }
        let leading = index
        switch digits() {
        case 0: return .wrong("a number needs a digit here", offset: index)
        case 1: break
        default:
            if bytes[leading] == 0x30 { return .wrong("a number must not begin with 0", offset: leading) }
        }
        if index < bytes.count, bytes[index] == 0x2E {
            index += 1
            if digits() == 0 { return .wrong("a decimal point needs a digit after it", offset: index) }
        }
        if index < bytes.count, bytes[index] | 0x20 == 0x65 {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            if digits() == 0 { return .wrong("an exponent needs a digit", offset: index) }
        }
        return .number(end: index)
    }
}
