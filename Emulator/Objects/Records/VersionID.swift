import Bytes

/// Names one version of an object.
enum VersionID: Sendable, Equatable {
    /// The one version that was written while the bucket was not versioned, or versioning was suspended.
    case null
    /// 32 characters. They hold the version's place among its key's, so that it is found by one look-up, and a
    /// check: like S3, this server knows an identifier that it never gave out.
    case id(String)

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._".utf8)

    var text: String {
        switch self {
        case .null: "null"
        case .id(let text): text
        }
    }

    /// - Parameter order: greater than that of all versions before.
    init(order: UInt64, using generator: inout some RandomNumberGenerator) {
        let mask: UInt64 = generator.next()
        let bytes =
            ByteOrder.bytes(mask) + ByteOrder.bytes(Self.check(mask, order)) + ByteOrder.bytes(order ^ mask)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<start + 3].reduce(0) { $0 << 8 | UInt32($1) }
            for shift in [18, 12, 6, 0] as [UInt32] {
                text.append(Self.alphabet[Int(group >> shift & 63)])
            }
        }
        self = .id(String(utf8: text))
    }

    /// Reads `versionId` of a request; nil when no version was ever called so.
    init?(_ text: String) {
        if text == "null" {
            self = .null
        } else {
            guard text.utf8.count == 32, Self.order(in: text) != nil else { return nil }
            self = .id(text)
        }
    }

    /// The place among the key's versions that an identifier says; nil for `null`.
    var order: UInt64? {
        guard case .id(let text) = self else { return nil }
        return Self.order(in: text)
    }

    private static func order(in text: String) -> UInt64? {
        var bytes: [UInt8] = []
        var group: UInt32 = 0
        for (index, character) in text.utf8.enumerated() {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            group = group << 6 | UInt32(digit)
            if index % 4 == 3 {
                for shift in [16, 8, 0] as [UInt32] {
                    bytes.append(UInt8(truncatingIfNeeded: group >> shift))
                }
                group = 0
            }
        }
        guard let mask = ByteOrder.read(UInt64.self, from: bytes, at: 0),
            let check = ByteOrder.read(UInt64.self, from: bytes, at: 8),
            let masked = ByteOrder.read(UInt64.self, from: bytes, at: 16),
            check == Self.check(mask, masked ^ mask)
        else { return nil }
        return masked ^ mask
    }

    /// Scatters both numbers over 64 bits (the finaliser of SplitMix64, twice).
    private static func check(_ mask: UInt64, _ order: UInt64) -> UInt64 {
        [mask, order].reduce(0x9E37_79B9_7F4A_7C15) { state, word in
            var mixed = state ^ word
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let text = try reader.string()
        self = text.isEmpty ? .null : .id(text)
    }

    func write(to writer: inout RecordWriter) {
        if case .id(let text) = self { writer.put(text) } else { writer.put("") }
    }
}
