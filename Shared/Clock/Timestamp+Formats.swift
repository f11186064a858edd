private let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]
private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

/// Appends `value` with leading zeros.
private func put(_ value: Int, width: Int, into text: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
        text.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
    }
}

/// Appends a year: four digits, as the forms want, or as many as a farther one has, for a date must never be shown
/// as another one.
private func put(year: Int, into text: inout [UInt8]) {
    if year < 0 { text.append(0x2D) }
    var width = 4
    var rest = year.magnitude / 10_000
    while rest > 0 {
        width += 1
        rest /= 10
    }
    put(Int(year.magnitude), width: width, into: &text)
}

private func formatted(_ write: (inout [UInt8]) -> Void) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(32)
    write(&text)
    return String(decoding: text, as: UTF8.self)
}

extension Timestamp {
    /// `2026-01-02T03:04:05.678Z`
    public var iso8601: String {
        let fraction = Int((milliseconds % 1000 + 1000) % 1000)
        return formatted { text in
            putISO(into: &text)
            text.append(0x2E)
            put(fraction, width: 3, into: &text)
            text.append(0x5A)
        }
    }

    /// `2026-01-02T03:04:05Z`
    public var iso8601Seconds: String {
        formatted { text in
            putISO(into: &text)
            text.append(0x5A)
        }
    }

    /// `20260102T030405Z`, the form of `X-Amz-Date` (AWS Signature Version 4).
    public var iso8601Basic: String {
        let c = civil
        return formatted { text in
            putBasicDate(c.year, c.month, c.day, into: &text)
            text.append(0x54)
            put(c.hour, width: 2, into: &text)
            put(c.minute, width: 2, into: &text)
            put(c.second, width: 2, into: &text)
            text.append(0x5A)
        }
    }

    /// `20260102`
    public var basicDate: String {
        let c = civil
        return formatted { putBasicDate(c.year, c.month, c.day, into: &$0) }
    }

    /// `Fri, 02 Jan 2026 03:04:05 GMT` (RFC 9110, section 5.6.7).
    public var rfc1123: String {
        let c = civil
        if let text = Self.rfc1123(c) { return text }
        return formatted { text in
            text.append(contentsOf: weekdayNames[c.weekday].utf8)
            text.append(contentsOf: ", ".utf8)
            put(c.day, width: 2, into: &text)
            text.append(0x20)
            text.append(contentsOf: monthNames[c.month - 1].utf8)
            text.append(0x20)
            put(year: c.year, into: &text)
            text.append(0x20)
            putTime(c.hour, c.minute, c.second, into: &text)
            text.append(contentsOf: " GMT".utf8)
        }
    }

    /// The same for years of four digits, which are filled into a template: every object that is read has its date.
    private static func rfc1123(
        _ c: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int)
    ) -> String? {
        guard (0...9999).contains(c.year) else { return nil }
        return String(unsafeUninitializedCapacity: 29) { text in
            func put(_ template: StaticString, at start: Int) {
                for index in 0..<template.utf8CodeUnitCount {
                    text[start + index] = template.utf8Start[index]
                }
            }
            func put(name: Int, of names: StaticString, at start: Int) {
                for index in 0..<3 { text[start + index] = names.utf8Start[3 * name + index] }
            }
            func put(pair value: Int, at start: Int) {
                text[start] = 0x30 + UInt8(truncatingIfNeeded: value / 10)
                text[start + 1] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
            }
            put("Day, 00 Mon 0000 00:00:00 GMT", at: 0)
            put(name: c.weekday, of: "SunMonTueWedThuFriSat", at: 0)
            put(pair: c.day, at: 5)
            put(name: c.month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec", at: 8)
            put(pair: c.year / 100, at: 12)
            put(pair: c.year % 100, at: 14)
            put(pair: c.hour, at: 17)
            put(pair: c.minute, at: 20)
            put(pair: c.second, at: 23)
            return 29
        }
    }

    /// `12/Mar/2020:19:03:58 +0000`, as in access logs and HTTP API events.
    public var commonLog: String {
        let c = civil
        return formatted { text in
            put(c.day, width: 2, into: &text)
            text.append(0x2F)
            text.append(contentsOf: monthNames[c.month - 1].utf8)
            text.append(0x2F)
            put(year: c.year, into: &text)
            text.append(0x3A)
            putTime(c.hour, c.minute, c.second, into: &text)
            text.append(contentsOf: " +0000".utf8)
        }
    }

    private func putISO(into text: inout [UInt8]) {
        let c = civil
        put(year: c.year, into: &text)
        text.append(0x2D)
        put(c.month, width: 2, into: &text)
        text.append(0x2D)
        put(c.day, width: 2, into: &text)
        text.append(0x54)
        putTime(c.hour, c.minute, c.second, into: &text)
    }
}

private func putTime(_ hour: Int, _ minute: Int, _ second: Int, into text: inout [UInt8]) {
    put(hour, width: 2, into: &text)
    text.append(0x3A)
    put(minute, width: 2, into: &text)
    text.append(0x3A)
    put(second, width: 2, into: &text)
}

private func putBasicDate(_ year: Int, _ month: Int, _ day: Int, into text: inout [UInt8]) {
    put(year: year, into: &text)
    put(month, width: 2, into: &text)
    put(day, width: 2, into: &text)
}

// MARK: - Parsing

/// Reads fixed-width fields from the front; every step fails rather than guesses.
private struct FieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<digits {
            let digit = bytes[position]
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
            position += 1
        }
        return value
    }

    mutating func skip(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where bytes[position + offset] != text.utf8Start[offset] { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    mutating func name(in names: [String]) -> Int? {
        guard position + 3 <= bytes.count else { return nil }
        let found = names.firstIndex { $0.utf8.elementsEqual(bytes[position..<position + 3]) }
        if found != nil { position += 3 }
        return found
    }

    /// Milliseconds of `.ddd…`; further digits are read and dropped. 0 when there is no fraction.
    mutating func fraction() -> Int? {
        guard skip(".") else { return 0 }
        var value = 0
        var count = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if count < 3 { value = value * 10 + Int(bytes[position] - 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 3) { value *= 10 }
        return value
    }
}

extension Timestamp {
    /// Reads `Fri, 02 Jan 2026 03:04:05 GMT`; nil for anything else. The weekday must be a weekday
    /// but is not checked against the date.
    public init?(rfc1123 text: String) {
        var reader = FieldReader(text)
        guard reader.name(in: weekdayNames) != nil, reader.skip(", "),
            let day = reader.number(digits: 2), reader.skip(" "),
            let month = reader.name(in: monthNames), reader.skip(" "),
            let year = reader.number(digits: 4), reader.skip(" "),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2), reader.skip(" GMT"), reader.isAtEnd
        else { return nil }
        self.init(
            year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    /// Reads `2026-01-02T03:04:05Z`, with or without a fraction of a second; nil for anything else.
    public init?(iso8601 text: String) {
        var reader = FieldReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T"),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2), let millisecond = reader.fraction(),
            reader.skip("Z"), reader.isAtEnd
        else { return nil }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            millisecond: millisecond)
    }

    /// Reads `20260102T030405Z`; nil for anything else.
    public init?(iso8601Basic text: String) {
        var text = text
        // Every signed request has one: read where it lies.
        let time = text.withUTF8 { bytes -> Timestamp? in
            guard bytes.count == 16, bytes[8] == 0x54, bytes[15] == 0x5A else { return nil }
            var isNumber = true
            func pair(_ start: Int) -> Int {
                let (tens, ones) = (Int(bytes[start]) - 0x30, Int(bytes[start + 1]) - 0x30)
                if !(0...9).contains(tens) || !(0...9).contains(ones) { isNumber = false }
                return 10 * tens + ones
            }
            let (year, month, day) = (100 * pair(0) + pair(2), pair(4), pair(6))
            let (hour, minute, second) = (pair(9), pair(11), pair(13))
            guard isNumber else { return nil }
            return Timestamp(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        }
        guard let time else { return nil }
        self = time
    }
}
