import Bytes

/// An exact decimal of at most 38 significant digits, the `N` type of the AWS API.
///
/// The value is `coefficient * 10^exponent` with the sign apart; the coefficient has no trailing zero, so
/// equal values have equal fields. Magnitudes run from 1E-130 to 9.99...E+125 (Amazon DynamoDB Developer
/// Guide, "Naming rules and data types").
public struct DecimalNumber: Sendable, Hashable {
    public static let maximumDigits = 38
    static let magnitudes = -130...125

    let isNegative: Bool
    let coefficient: UInt128
    let exponent: Int

    public static let zero = DecimalNumber(isNegative: false, coefficient: 0, exponent: 0)

    /// The fields must already be canonical.
    private init(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        self.isNegative = isNegative
        self.coefficient = coefficient
        self.exponent = exponent
    }

    /// Any machine integer fits.
    public init(_ value: Int) {
        self.init(canonical: value < 0, UInt128(value.magnitude), 0)
    }

    private init(canonical isNegative: Bool, _ coefficient: UInt128, _ exponent: Int) {
        guard coefficient != 0 else {
            self = .zero
            return
        }
        var power = exponent
        if var rest = UInt64(exactly: coefficient) {
            while rest % 10 == 0 {
                rest /= 10
                power += 1
            }
            self.init(isNegative: isNegative, coefficient: UInt128(rest), exponent: power)
            return
        }
        var rest = coefficient
        while rest % 10 == 0 {
            rest /= 10
            power += 1
        }
        self.init(isNegative: isNegative, coefficient: rest, exponent: power)
    }

    /// Builds a number from parts that may have trailing zeros.
    /// - Throws: `ValidationError` when there are more than 38 digits or the magnitude is out of range.
    init(sign isNegative: Bool, coefficient: UInt128, exponent: Int) throws(ValidationError) {
        let number = DecimalNumber(canonical: isNegative, coefficient, exponent)
        try number.checkRange()
        self = number
    }

    private func checkRange() throws(ValidationError) {
        guard coefficient != 0 else { return }
        let digits = digitCount
        let magnitude = exponent + digits - 1
        if magnitude > Self.magnitudes.upperBound { throw Self.overflow }
        if magnitude < Self.magnitudes.lowerBound { throw Self.underflow }
        if digits > Self.maximumDigits { throw Self.tooManyDigits }
    }

    static let overflow = ValidationError(
        "Number overflow. Attempting to store a number with magnitude larger than supported range")
    static let underflow = ValidationError(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range")
    static let tooManyDigits = ValidationError(
        "Attempting to store more than 38 significant digits in a Number")

    /// Significant decimal digits; zero has one.
    var digitCount: Int { Self.digits(in: coefficient) }

    static func digits(in value: UInt128) -> Int {
        if value < 10_000_000_000_000_000_000 {
            // Arithmetic on 64 bits is several times as fast.
            var (count, bound) = (1, UInt64(10))
            while count < 19, UInt64(truncatingIfNeeded: value) >= bound {
                count += 1
                bound &*= 10
            }
            return count
        }
        var (count, bound) = (1, UInt128(10))
        while value >= bound {
            count += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        return count
    }

    /// -1, 0 or 1.
    public var signum: Int { coefficient == 0 ? 0 : (isNegative ? -1 : 1) }

    /// What the number costs in an item, in bytes: a length and sign byte each where needed, and a byte for
    /// every two digits of the whole and of the fractional part.
    public var size: Int {
        guard coefficient != 0 else { return 1 }
        let digits = digitCount
        let whole = exponent >= 0 ? digits : max(0, digits + exponent)
        let fraction = digits - whole
        return 1 + (whole + 1) / 2 + (fraction + 1) / 2 + (isNegative ? 1 : 0)
    }

    /// The value as an integer, nil when it has a fraction or does not fit.
    public var wholeInt64: Int64? {
        guard exponent >= 0, exponent < 19 else { return coefficient == 0 ? 0 : nil }
        let (value, overflow) = coefficient.multipliedReportingOverflow(by: Self.powerOfTen(exponent))
        guard !overflow, value <= UInt128(Int64.max) else { return nil }
        return isNegative ? -Int64(value) : Int64(value)
    }

    /// The value with its fraction cut off, clamped to the range of Int64.
    public var truncatedInt64: Int64 {
        if exponent >= 0 { return wholeInt64 ?? (isNegative ? .min : .max) }
        guard -exponent < Self.maximumDigits else { return 0 }
        let value = coefficient / Self.powerOfTen(-exponent)
        guard value <= UInt128(Int64.max) else { return isNegative ? .min : .max }
        return isNegative ? -Int64(value) : Int64(value)
    }

    static func powerOfTen(_ power: Int) -> UInt128 {
        var value: UInt128 = 1
        for _ in 0..<power { value *= 10 }
        return value
    }
}

// MARK: - Arithmetic and order

extension DecimalNumber: Comparable {
    public static func < (a: DecimalNumber, b: DecimalNumber) -> Bool {
        if a.signum != b.signum { return a.signum < b.signum }
        let order = compareMagnitudes(a, b)
        return a.isNegative ? order > 0 : order < 0
    }

    /// Negative when |a| < |b|.
    private static func compareMagnitudes(_ a: DecimalNumber, _ b: DecimalNumber) -> Int {
        if a.coefficient == 0 || b.coefficient == 0 {
            return a.coefficient == b.coefficient ? 0 : (a.coefficient == 0 ? -1 : 1)
        }
        let (left, right) = (a.digitCount, b.digitCount)
        let magnitude = (a.exponent + left) - (b.exponent + right)
        if magnitude != 0 { return magnitude }
        // Equal magnitude: pad the shorter coefficient. Both then have at most 38 digits, so nothing wraps.
        let x = a.coefficient * powerOfTen(max(0, right - left))
        let y = b.coefficient * powerOfTen(max(0, left - right))
        return x == y ? 0 : (x < y ? -1 : 1)
    }

    /// - Throws: `ValidationError` when the exact result does not fit 38 digits or the range. AWS tells too many
    ///   digits of a result as an overflow.
    public func adding(_ other: DecimalNumber) throws(ValidationError) -> DecimalNumber {
        if coefficient == 0 { return other }
        if other.coefficient == 0 { return self }
        let (high, low) = exponent >= other.exponent ? (self, other) : (other, self)
        let shift = high.exponent - low.exponent
        // The lower operand's last digit is not zero, so a shifted operand beyond the width of the register
        // means a result of at least 39 digits, whatever its sign.
        guard shift <= Self.maximumDigits else { throw Self.overflow }
        let (aligned, overflow) = high.coefficient.multipliedReportingOverflow(by: Self.powerOfTen(shift))
        if overflow { throw Self.overflow }
        if high.isNegative == low.isNegative {
            let (sum, carry) = aligned.addingReportingOverflow(low.coefficient)
            if carry { throw Self.overflow }
            return try Self.result(high.isNegative, sum, low.exponent)
        }
        let flips = low.coefficient > aligned
        let difference = flips ? low.coefficient - aligned : aligned - low.coefficient
        return try Self.result(flips ? low.isNegative : high.isNegative, difference, low.exponent)
    }

    private static func result(
        _ isNegative: Bool, _ coefficient: UInt128, _ exponent: Int
    ) throws(ValidationError) -> DecimalNumber {
        let number = DecimalNumber(canonical: isNegative, coefficient, exponent)
        guard number.digitCount <= maximumDigits else { throw overflow }
        try number.checkRange()
        return number
    }

    /// - Throws: as `adding`.
    public func subtracting(_ other: DecimalNumber) throws(ValidationError) -> DecimalNumber {
        try adding(other.negated)
    }

    var negated: DecimalNumber {
        coefficient == 0
            ? self : DecimalNumber(isNegative: !isNegative, coefficient: coefficient, exponent: exponent)
    }
}

// MARK: - Bytes

extension DecimalNumber {
    /// Bytes whose unsigned order is the numeric order. No result is a prefix of another, so more key parts
    /// may follow: sign, magnitude, base-100 digits plus one, end mark; all but the sign inverted below zero.
    public func appendOrderedKey(to bytes: inout [UInt8]) {
        guard coefficient != 0 else {
            bytes.append(0x80)
            return
        }
        let digits = digitCount
        bytes.append(isNegative ? 0x40 : 0xC0)
        let flip: UInt8 = isNegative ? 0xFF : 0
        bytes.append(UInt8(exponent + digits - 1 - Self.magnitudes.lowerBound) ^ flip)
        var pairs = (digits + 1) / 2
        let padded = digits % 2 == 0 ? coefficient : coefficient * 10
        var divisor = Self.powerOfTen(2 * (pairs - 1))
        while pairs > 0 {
            bytes.append((UInt8(padded / divisor % 100) + 1) ^ flip)
            divisor = divisor > 1 ? divisor / 100 : 1
            pairs -= 1
        }
        bytes.append(flip)
    }

    /// The shortest stored form: sign bit and coefficient length, exponent, coefficient.
    func encode(into bytes: inout [UInt8]) {
        let length = (128 - coefficient.leadingZeroBitCount + 7) / 8
        bytes.append(UInt8(length) | (isNegative ? 0x80 : 0))
        guard length > 0 else { return }
        // -167...125 does not fit a byte.
        let shifted = UInt16(exponent + 256)
        bytes.append(UInt8(shifted >> 8))
        bytes.append(UInt8(shifted & 0xFF))
        for index in (0..<length).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: coefficient >> UInt128(8 * index)))
        }
    }

    init(decoding reader: inout ByteReader) throws(CodecError) {
        let head = try reader.byte()
        guard head & 0x7F <= 16 else { throw CodecError(offset: reader.offset) }
        try self.init(head: head) { () throws(CodecError) in try reader.byte() }
    }

    /// - Parameters:
    ///   - head: the first byte of the stored form.
    ///   - next: gives the byte that follows.
    @inline(__always)
    init(head: UInt8, _ next: () throws(CodecError) -> UInt8) throws(CodecError) {
        let length = Int(head & 0x7F)
        guard length > 0 else {
            self = .zero
            return
        }
        guard length <= 16 else { throw CodecError(offset: 0) }
        let exponent = try Int(next()) << 8 | Int(next())
        guard length > 8 else {
            var value: UInt64 = 0
            for _ in 0..<length { value = value << 8 | UInt64(try next()) }
            self.init(
                isNegative: head & 0x80 != 0, coefficient: UInt128(value), exponent: exponent - 256)
            return
        }
        var value: UInt128 = 0
        for _ in 0..<length { value = value << 8 | UInt128(try next()) }
        self.init(isNegative: head & 0x80 != 0, coefficient: value, exponent: exponent - 256)
    }
}
