/// A block of IPv4 or IPv6 addresses, such as `10.0.0.0/24`.
struct AddressBlock: Sendable, Equatable {
    /// 4 or 16 bytes.
    private let address: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Self.address(String(parts[0])),
            let bits = Self.decimal(parts[1]),
            bits <= address.count * 8
        else { return nil }
        self.address = address
        self.bits = bits
    }

    func contains(_ text: String) -> Bool {
        guard let other = Self.address(text), other.count == address.count else { return false }
        for index in address.indices {
            let known = min(8, max(0, bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> known)
            if address[index] & mask != other[index] & mask { return false }
        }
        return true
    }

    private static func decimal(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func address(_ text: String) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text[...])
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { decimal($0).flatMap(UInt8.init(exactly:)) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard let gap = gap(in: text[...]) else {
            let bytes = groups(text[...])
            return bytes?.count == 16 ? bytes : nil
        }
        let rest = text[gap...].dropFirst(2)
        guard Self.gap(in: rest) == nil, let head = groups(text[..<gap]), let tail = groups(rest),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Where `::` begins, which stands for as many zeros as are missing.
    private static func gap(in text: Substring) -> String.Index? {
        zip(text.indices, text.indices.dropFirst()).first { text[$0] == ":" && text[$1] == ":" }?.0
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let last = version4(part) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16),
                    part.first != "+"
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}
