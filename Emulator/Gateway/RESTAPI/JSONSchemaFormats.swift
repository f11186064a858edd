import Clock

/// The values of `format` that draft 4 defines. Others are not checked.
enum JSONSchemaFormats {
    static func matches(_ text: String, _ format: String) -> Bool {
        switch format {
        case "date-time": isDateTime(text)
        case "email": isEmail(text)
        case "hostname": isHostName(text)
        case "ipv4": isIPv4(text)
        case "ipv6": isIPv6(text)
        case "uri": isURI(text)
        default: true
        }
    }

    /// RFC 3339, section 5.6.
    private static func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20 else {
            return false
        }
        func number(_ from: Int, _ count: Int) -> Int? {
            guard from + count <= bytes.count,
                bytes[from..<from + count].allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int(String(decoding: bytes[from..<from + count], as: UTF8.self))
        }
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A, bytes[16] == 0x3A,
            let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), second <= 60,
            Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: min(second, 59))
                != nil
        else { return false }
        var rest = bytes[19...]
        if rest.first == 0x2E {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count + 1)
        }
        if rest.elementsEqual("Z".utf8) || rest.elementsEqual("z".utf8) { return true }
        guard rest.count == 6, rest.first == 0x2B || rest.first == 0x2D,
            rest[rest.startIndex + 3] == 0x3A, let hours = number(rest.startIndex + 1, 2),
            let minutes = number(rest.startIndex + 4, 2)
        else { return false }
        return hours < 24 && minutes < 60
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
    }

    private static func isHostName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                        default: false
                        }
                    }
            }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...3).contains(part.utf8.count)
                    && (Int(part) ?? 256) < 256
            }
    }

    private static func isIPv6(_ text: String) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, !text.contains(":::") else { return false }
        var count = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let groups = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, group) in groups.enumerated() {
                if group.contains(".") {
                    guard index == halves.count - 1, place == groups.count - 1, isIPv4(String(group)) else {
                        return false
                    }
                    count += 2
                } else {
                    guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit) else {
                        return false
                    }
                    count += 1
                }
            }
        }
        return halves.count == 2 ? count <= 7 : count == 8
    }

    /// RFC 3986: a scheme, a colon, and no character that has to be encoded.
    private static func isURI(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isASCII, first.isLetter
        else {
            return false
        }
        let scheme = text[..<colon]
        let isScheme = scheme.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
            default: false
            }
        }
        return isScheme
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F
                    && ![0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B, 0x7C, 0x7D].contains(byte)
            }
    }
}
