extension DecimalNumber: CustomStringConvertible {
    /// Reads the number formats AWS accepts: an optional sign, digits with at most one point, an optional
    /// exponent; no white space.
    /// - Throws: `ValidationError` with AWS's text.
    public init(_ text: String) throws(ValidationError) {
        if let (isNegative, magnitude) = Self.plainInteger(text) {
            self = try DecimalNumber(sign: isNegative, coefficient: UInt128(magnitude), exponent: 0)
            return
        }
        var scanner = DecimalScanner(text: text)
        self = try scanner.scan()
    }

    /// What nearly all numbers are: an integer of a machine word.
    private static func plainInteger(_ text: String) -> (isNegative: Bool, magnitude: UInt64)? {
        var text = text
        return text.withUTF8 { bytes in
            let isNegative = bytes.first == UInt8(ascii: "-")
            let start = isNegative ? 1 : 0
            guard (1...18).contains(bytes.count - start) else { return nil }
            var magnitude: UInt64 = 0
            for byte in bytes[start...] {
                guard (0x30...0x39).contains(byte) else { return nil }
                magnitude = magnitude * 10 + UInt64(byte - 0x30)
            }
            return (isNegative, magnitude)
        }
    }

    /// Plain digits without an exponent, leading or trailing zeros: what AWS returns.
    public var description: String {
        var digits = String(coefficient)
        if exponent > 0 {
            digits += String(repeating: "0", count: exponent)
        } else if exponent < 0 {
            let point = digits.utf8.count + exponent
            if point > 0 {
                digits.insert(".", at: digits.utf8.index(digits.startIndex, offsetBy: point))
            } else {
                digits = "0." + String(repeating: "0", count: -point) + digits
            }
        }
        return isNegative ? "-" + digits : digits
    }
}

/// One pass over the text of a number.
private struct DecimalScanner {
    let text: String
    var coefficient: UInt128 = 0
    /// Digits from the first that is not zero, trailing zeros not counted.
    var significant = 0
    /// Zeros seen since the last significant digit.
    var pendingZeros = 0
    /// All digits of the mantissa from the first that is not zero.
    var written = 0
    var fractionDigits = 0

    mutating func scan() throws(ValidationError) -> DecimalNumber {
        let refused = "The parameter cannot be converted to a numeric value"
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw ValidationError(refused) }
        let failure = ValidationError("\(refused): \(text)")
        var index = 0
        var isNegative = false
        if bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            index = 1
        }
        index = try mantissa(bytes, from: index, failure)
        let power = try exponent(bytes, from: index, failure)
        return try number(isNegative, power: power)
    }

    private mutating func mantissa(
        _ bytes: [UInt8], from start: Int, _ failure: ValidationError
    ) throws(ValidationError) -> Int {
        var (index, digits, seenPoint) = (start, 0, false)
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if byte >= 0x30 && byte <= 0x39 {
                digits += 1
                if seenPoint { fractionDigits += 1 }
                take(byte - 0x30)
            } else {
                break
            }
            index += 1
        }
        guard digits > 0 else { throw failure }
        return index
    }

    private mutating func take(_ digit: UInt8) {
        guard digit != 0 || significant > 0 else { return }
        written += 1
        guard digit != 0 else {
            pendingZeros += 1
            return
        }
        significant += pendingZeros + 1
        // Beyond 38 digits only the count matters: the number is refused anyway.
        if significant <= DecimalNumber.maximumDigits {
            coefficient = coefficient * DecimalNumber.powerOfTen(pendingZeros + 1) + UInt128(digit)
        }
        pendingZeros = 0
    }

    private func exponent(
        _ bytes: [UInt8], from start: Int, _ failure: ValidationError
    ) throws(ValidationError) -> Int {
        guard start < bytes.count else { return 0 }
        guard bytes[start] | 0x20 == UInt8(ascii: "e") else { throw failure }
        var (index, value, isNegative) = (start + 1, 0, false)
        if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < bytes.count else { throw failure }
        while index < bytes.count {
            guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { throw failure }
            // Saturates: anything near this is out of range already.
            value = min(value * 10 + Int(bytes[index] - 0x30), 100_000_000)
            index += 1
        }
        return isNegative ? -value : value
    }

    private func number(_ isNegative: Bool, power: Int) throws(ValidationError) -> DecimalNumber {
        // AWS judges the magnitude on the digits as written, even of a zero: `0e126` overflows.
        let magnitude = max(written, 1) - 1 - fractionDigits + power
        if magnitude > DecimalNumber.magnitudes.upperBound { throw DecimalNumber.overflow }
        if magnitude < DecimalNumber.magnitudes.lowerBound { throw DecimalNumber.underflow }
        if significant > DecimalNumber.maximumDigits { throw DecimalNumber.tooManyDigits }
        return try DecimalNumber(
            sign: isNegative, coefficient: coefficient, exponent: power - fractionDigits + pendingZeros)
    }
}
