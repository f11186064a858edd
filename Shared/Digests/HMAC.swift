/// Keyed hashes (RFC 2104).
public enum HMAC {
    /// HMAC-SHA-256 of `message`: 32 bytes.
    public static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        code(SHA256.self, key: key) { $0.update(message) }
    }

    /// The same of the text's UTF-8.
    public static func sha256(key: [UInt8], _ message: String) -> [UInt8] {
        code(SHA256.self, key: key) { $0.update(message) }
    }

    /// HMAC-SHA-1 of the text's UTF-8: 20 bytes. For AWS's Signature Version 2.
    public static func sha1(key: [UInt8], _ message: String) -> [UInt8] {
        code(SHA1.self, key: key) { $0.update(message) }
    }

    private static func code<Function: DigestFunction>(
        _ function: Function.Type, key: [UInt8], _ absorbMessage: (inout DigestHasher<Function>) -> Void
    ) -> [UInt8] {
        // All functions here work on blocks of 64 bytes.
        var block = [UInt8](repeating: 0, count: 64)
        let start = key.count > block.count ? Function.hash(key) : key
        for (index, byte) in start.enumerated() { block[index] = byte }

        for index in block.indices { block[index] ^= 0x36 }
        var inner = DigestHasher<Function>()
        inner.update(block)
        absorbMessage(&inner)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
        var outer = DigestHasher<Function>()
        outer.update(block)
        outer.update(inner.finish())
        return outer.finish()
    }
}

/// Whether two byte strings are the same, in a time that depends on their lengths only, so that a
/// guess at a signature learns nothing from how long the answer takes.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
