import Foundation
import Seeded
import Testing

@testable import Expressions

/// Exact arithmetic on decimal digits, as slow and as plain as on paper.
struct PaperDecimal {
    var isNegative: Bool
    /// The value times 10^200, most significant digit first.
    var digits: [Int]
    static let width = 400
    static let point = 200

    init(isNegative: Bool, mantissa: String, exponent: Int) {
        self.isNegative = isNegative
        digits = Array(repeating: 0, count: Self.width)
        for (index, character) in mantissa.reversed().enumerated() {
            digits[Self.width - Self.point - 1 - index - exponent] = Int(String(character))!
        }
    }

    static func compareMagnitude(_ a: PaperDecimal, _ b: PaperDecimal) -> Int {
        for (x, y) in zip(a.digits, b.digits) where x != y { return x < y ? -1 : 1 }
        return 0
    }

    var isZero: Bool { digits.allSatisfy { $0 == 0 } }

    static func compare(_ a: PaperDecimal, _ b: PaperDecimal) -> Int {
        if a.isZero && b.isZero { return 0 }
        if a.isNegative != b.isNegative {
            if a.isZero { return b.isNegative ? 1 : -1 }
            if b.isZero { return a.isNegative ? -1 : 1 }
            return a.isNegative ? -1 : 1
        }
        return compareMagnitude(a, b) * (a.isNegative ? -1 : 1)
    }

    static func + (a: PaperDecimal, b: PaperDecimal) -> PaperDecimal {
        var result = a
        if a.isNegative == b.isNegative {
            var carry = 0
            for index in (0..<width).reversed() {
                let sum = a.digits[index] + b.digits[index] + carry
                result.digits[index] = sum % 10
                carry = sum / 10
            }
            return result
        }
        let (high, low) = compareMagnitude(a, b) >= 0 ? (a, b) : (b, a)
        result.isNegative = high.isNegative
        var borrow = 0
        for index in (0..<width).reversed() {
            var difference = high.digits[index] - low.digits[index] - borrow
            borrow = difference < 0 ? 1 : 0
            if difference < 0 { difference += 10 }
            result.digits[index] = difference
        }
        return result
    }

    var text: String {
        if isZero { return "0" }
        var whole = digits[..<(Self.width - Self.point)].map(String.init).joined()
        var fraction = digits[(Self.width - Self.point)...].map(String.init).joined()
        while whole.hasPrefix("0") && whole.count > 1 { whole.removeFirst() }
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    var significant: Int {
        guard let first = digits.firstIndex(where: { $0 != 0 }),
            let last = digits.lastIndex(where: { $0 != 0 })
        else { return 0 }
        return last - first + 1
    }
}

@Suite struct DecimalNumberTests {
    static let forms: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("1.e5", "100000"), ("1E3", "1000"),
        ("1.50", "1.5"), ("0001.2300", "1.23"), ("-12.5e-3", "-0.0125"), ("1e-2", "0.01"), ("100", "100"),
        ("0.0e126", "0"),
        ("123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678"),
        ("1E125", "1" + String(repeating: "0", count: 125)),
        ("1E-130", "0." + String(repeating: "0", count: 129) + "1"),
        (
            "9.9999999999999999999999999999999999999E+125",
            String(repeating: "9", count: 38) + String(repeating: "0", count: 88)
        ),
        ("000000000000000000000000000000000000000000000000001", "1"),
        ("100000000000000000000000000000000000000000000000000", "1" + String(repeating: "0", count: 50)),
        (
            "0.00000000000000000000000000000000000000000000000001",
            "0." + String(repeating: "0", count: 49) + "1"
        ),
    ]

    @Test(arguments: forms) func form(_ text: String, _ normal: String) throws {
        #expect(try DecimalNumber(text).description == normal)
        #expect(try DecimalNumber(normal) == DecimalNumber(text))
    }

    static let refusals: [(String, String)] = [
        ("", "The parameter cannot be converted to a numeric value"),
        ("x", "The parameter cannot be converted to a numeric value: x"),
        (" 1", "The parameter cannot be converted to a numeric value:  1"),
        ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
        ("1+2", "The parameter cannot be converted to a numeric value: 1+2"),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("Infinity", "The parameter cannot be converted to a numeric value: Infinity"),
        ("0x10", "The parameter cannot be converted to a numeric value: 0x10"),
        (".", "The parameter cannot be converted to a numeric value: ."),
        ("-", "The parameter cannot be converted to a numeric value: -"),
        ("1.2.3", "The parameter cannot be converted to a numeric value: 1.2.3"),
        ("1e", "The parameter cannot be converted to a numeric value: 1e"),
        ("1e+", "The parameter cannot be converted to a numeric value: 1e+"),
        ("٣", "The parameter cannot be converted to a numeric value: ٣"),
        ("1E126", DecimalNumber.overflow.message), ("-1E126", DecimalNumber.overflow.message),
        ("0e126", DecimalNumber.overflow.message), ("1e99999999999999999999", DecimalNumber.overflow.message),
        ("1E-131", DecimalNumber.underflow.message), ("-9.9E-131", DecimalNumber.underflow.message),
        (
            "123456789012345678901234567890123456789",
            "Attempting to store more than 38 significant digits in a Number"
        ),
        (
            "0.123456789012345678901234567890123456789",
            "Attempting to store more than 38 significant digits in a Number"
        ),
    ]

    @Test(arguments: refusals) func refusal(_ text: String, _ expected: String) {
        #expect(message { _ = try DecimalNumber(text) } == expected)
    }

    /// Costs measured on AWS.
    @Test(arguments: [
        ("0", 1), ("1E125", 2), ("3.14159", 5), ("123456", 4), ("-123456", 5), ("100", 2), ("0.001", 2),
        ("10.5", 3), ("-1", 3), ("99", 2), ("999", 3),
    ])
    func size(_ text: String, _ expected: Int) throws {
        #expect(try DecimalNumber(text).size == expected)
    }

    static func random(_ random: inout SeededRandom) -> (String, PaperDecimal) {
        let isNegative = Bool.random(using: &random)
        let length = Int.random(in: 1...(Bool.random(using: &random) ? 38 : 6), using: &random)
        let mantissa = (0..<length).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        let spread = Bool.random(using: &random) ? 30 : 2
        let exponent = Int.random(in: -spread...spread, using: &random)
        return (
            "\(isNegative ? "-" : "")\(mantissa)e\(exponent)",
            PaperDecimal(isNegative: isNegative, mantissa: mantissa, exponent: exponent)
        )
    }

    @Test func agreesWithArithmeticOnPaper() throws {
        var random = SeededRandom.fresh("agreesWithArithmeticOnPaper")
        var (sums, refused) = (0, 0)
        for _ in 0..<4000 {
            let (left, paperLeft) = Self.random(&random)
            let (right, paperRight) = Self.random(&random)
            let (a, b) = (try DecimalNumber(left), try DecimalNumber(right))
            #expect(a.description == paperLeft.text, "\(left)")
            let order = PaperDecimal.compare(paperLeft, paperRight)
            #expect((a < b) == (order < 0) && (a == b) == (order == 0), "\(left) against \(right)")
            var (x, y): ([UInt8], [UInt8]) = ([], [])
            a.appendOrderedKey(to: &x)
            b.appendOrderedKey(to: &y)
            #expect(UTF8Order.compare(x, y).signum() == order, "key bytes of \(left) and \(right)")
            let paper = paperLeft + paperRight
            if paper.significant > 38 {
                refused += 1
                #expect(
                    message { _ = try a.adding(b) } == DecimalNumber.overflow.message,
                    "\(left) + \(right)")
            } else {
                sums += 1
                #expect(try a.adding(b).description == paper.text, "\(left) + \(right)")
                #expect(try a.subtracting(b.negated) == a.adding(b))
            }
        }
        #expect(sums > 500 && refused > 100)
    }

    @Test func keyBytesOfNeighboursAreOrderedAndNeverPrefixes() throws {
        let texts = [
            "-9e125", "-1000", "-100.1", "-100", "-99.9", "-10", "-9", "-1.01", "-1.001", "-1", "-0.99",
            "-1e-130",
            "0", "1e-130", "0.99", "1", "1.001", "1.01", "9", "10", "99.9", "100", "100.1", "1000", "9e125",
        ]
        let keys = try texts.map { text in
            var bytes: [UInt8] = []
            try DecimalNumber(text).appendOrderedKey(to: &bytes)
            return bytes
        }
        for (index, key) in keys.enumerated() {
            for later in keys[(index + 1)...] {
                #expect(UTF8Order.compare(key, later) < 0)
                #expect(!later.starts(with: key) && !key.starts(with: later))
            }
        }
    }

    @Test func storedFormRoundTrips() throws {
        var random = SeededRandom.fresh("storedFormRoundTrips")
        for _ in 0..<2000 {
            let number = try DecimalNumber(Self.random(&random).0)
            let map: Item = ["n": .n(number), "l": .l([.n(number.negated), .numbers([number, .zero])])]
            #expect(try Item(decoding: map.encoded()) == map)
        }
    }

    @Test func wholeNumbers() throws {
        #expect(try DecimalNumber("9223372036854775807").wholeInt64 == Int64.max)
        #expect(try DecimalNumber("9223372036854775808").wholeInt64 == nil)
        #expect(try DecimalNumber("1.5").wholeInt64 == nil)
        #expect(try DecimalNumber("1700000000.9").truncatedInt64 == 1_700_000_000)
        #expect(try DecimalNumber("-1e100").truncatedInt64 == Int64.min)
        #expect(try DecimalNumber("1e-50").truncatedInt64 == 0)
    }
}
