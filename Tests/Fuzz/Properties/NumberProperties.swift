import Expressions

/// What holds for numbers: reading, writing, order and sums, against plain arithmetic on digits.
public enum NumberProperties {
    /// Two numbers, one a line.
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        let (first, second) = (source.line(), source.line())
        guard let a = try number(first) else { return }
        guard let b = try number(second) else { return }
        try checkOrder(a, b)
        try checkSums(a, b)
    }

    private static func number(_ text: String) throws(PropertyFailure) -> DecimalNumber? {
        guard let number = try? DecimalNumber(text) else { return nil }
        let written = number.description
        let again = try must("own text is refused") { () throws(ValidationError) in
            try DecimalNumber(written)
        }
        try require(
            again == number && again.description == written, "\(text) became \(written), then \(again)")
        try require(Plain(text) == Plain(written), "\(text) became \(written)")
        let isPlain = written.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }
        try require(isPlain, "\(written) is not plain")
        try require(number.size >= 1 && number.size <= 22, "\(text) has \(number.size) bytes")
        try require(
            number.signum == (Plain(text)?.digits == [] ? 0 : (written.hasPrefix("-") ? -1 : 1)),
            "the sign of \(text)")
        try KeyProperties.checkStored(["n": .n(number)])
        return number
    }

    private static func checkOrder(_ a: DecimalNumber, _ b: DecimalNumber) throws(PropertyFailure) {
        var (x, y): ([UInt8], [UInt8]) = ([], [])
        a.appendOrderedKey(to: &x)
        b.appendOrderedKey(to: &y)
        let order = UTF8Order.compare(x, y)
        try require((order < 0) == (a < b), "keys and values of \(a) and \(b) order differently")
        try require((order > 0) == (b < a), "keys and values of \(a) and \(b) order differently")
        try require((order == 0) == (a == b), "\(a) and \(b) are equal and not equal")
        if a != b { try require(!x.starts(with: y), "the key of \(b) begins that of \(a)") }
        guard let left = Plain(a.description), let right = Plain(b.description) else { return }
        try require((a < b) == (left < right), "\(a) < \(b)")
    }

    private static func checkSums(_ a: DecimalNumber, _ b: DecimalNumber) throws(PropertyFailure) {
        let sum = try? a.adding(b)
        try require(sum == (try? b.adding(a)), "\(a) + \(b) depends on the order")
        guard let sum else { return }
        if let back = try? sum.subtracting(b) { try require(back == a, "\(a) + \(b) - \(b) = \(back)") }
        let zero = try must("a - a") { () throws(ValidationError) in try a.subtracting(a) }
        try require(zero == .zero, "\(a) - \(a) = \(zero)")
        guard b.signum != 0 else { return }
        try require((a < sum) == (b.signum > 0), "\(a) + \(b) = \(sum) went the wrong way")
    }
}

/// A decimal number as digits and the place of its point, made by nothing but shifting characters.
private struct Plain: Equatable {
    var isNegative = false
    /// Without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    /// The value is 0.digits times ten to this power; 0 for zero.
    var power = 0

    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        if let sign = rest.first, sign == 0x2B || sign == 0x2D {
            isNegative = sign == 0x2D
            rest = rest.dropFirst()
        }
        let mantissa = rest.prefix { $0 | 0x20 != 0x65 }
        let exponent = rest.dropFirst(mantissa.count + 1)
        let parts = mantissa.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
        power = parts[0].count + (exponent.isEmpty ? 0 : Self.integer(exponent))
        digits = parts.flatMap { $0 }
        while digits.first == 0x30 {
            digits.removeFirst()
            power -= 1
        }
        while digits.last == 0x30 { digits.removeLast() }
        if digits.isEmpty {
            power = 0
            isNegative = false
        }
    }

    /// Of an exponent however long: an accepted number's is small, or belongs to many zeros.
    private static func integer(_ text: ArraySlice<UInt8>) -> Int {
        Int(String(decoding: text, as: UTF8.self)) ?? .max / 4
    }

    static func < (a: Plain, b: Plain) -> Bool {
        if a.sign != b.sign { return a.sign < b.sign }
        return a.isNegative ? magnitude(b, isLessThan: a) : magnitude(a, isLessThan: b)
    }

    private var sign: Int { digits.isEmpty ? 0 : (isNegative ? -1 : 1) }

    private static func magnitude(_ a: Plain, isLessThan b: Plain) -> Bool {
        a.power != b.power ? a.power < b.power : a.digits.lexicographicallyPrecedes(b.digits)
    }
}
