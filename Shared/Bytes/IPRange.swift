/// An address of the Internet Protocol, version 4 or 6.
public struct IPAddress: Sendable, Equatable {
    /// Four or sixteen.
    public var bytes: [UInt8]

    /// As people write it; an IPv4 address within IPv6 is taken as the former.
    public init?(_ text: String) {
        if let bytes = Self.version4(text[...]) {
            self.bytes = bytes
        } else if let bytes = Self.version6(text) {
            // An IPv4 client of an IPv6 socket (RFC 4291, section 2.5.5.2).
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            self.bytes = isMapped ? Array(bytes[12...]) : bytes
        } else {
            return nil
        }
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { $0.utf8.first == UInt8(ascii: "+") ? nil : UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard text.contains(":") else { return nil }
        guard let gap = text.indices.first(where: { text[$0...].hasPrefix("::") }) else {
            let bytes = groups(text[...])
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(text[..<gap]),
            let tail = groups(text[text.index(gap, offsetBy: 2)...]), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Groups of sixteen bits; the last two may be written as version 4.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let four = version4(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}

/// Addresses that begin alike: `203.0.113.0/24`. One address is a range of its own.
public struct IPRange: Sendable, Equatable {
    public var address: IPAddress
    /// Bits.
    public var prefixLength: Int

    /// An address, and a slash with the number of bits that count if these are not all.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        self.address = address
        prefixLength = address.bytes.count * 8
        guard parts.count == 2 else { return }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), var length = Int(parts[1]) else {
            return nil
        }
        // The address was cut to its last 32 bits.
        if prefixLength == 32, parts[0].contains(":") { length -= 96 }
        guard (0...prefixLength).contains(length) else { return nil }
        prefixLength = length
    }

    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        for (index, (a, b)) in zip(address.bytes, other.bytes).enumerated() {
            let bits = min(8, max(0, prefixLength - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            guard a & mask == b & mask else { return false }
        }
        return true
    }
}
