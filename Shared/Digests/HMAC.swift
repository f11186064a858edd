/// Keyed hashes (RFC 2104).
public enum HMAC {
    /// HMAC-SHA-256 of `message`: 32 bytes.
    public static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        code(SHA256.self, key: key, message)
    }

    /// The same of the text's UTF-8.
    public static func sha256(key: [UInt8], _ message: String) -> [UInt8] {
        sha256(key: key, Array(message.utf8))
    }

    /// HMAC-SHA-1 of the text's UTF-8: 20 bytes. For AWS's Signature Version 2.
    public static func sha1(key: [UInt8], _ message: String) -> [UInt8] {
        code(SHA1.self, key: key, Array(message.utf8))
    }

    private static func code<Function: DigestFunction>(
        _ function: Function.Type, key: [UInt8], _ message: [UInt8]
    ) -> [UInt8] {
        // All functions here work on blocks of 64 bytes.
        let blockLength = 64
        var block = key.count > blockLength ? Function.hash(key) : key
        block.append(contentsOf: repeatElement(0, count: blockLength - block.count))

        var inner = DigestHasher<Function>()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = DigestHasher<Function>()
        outer.update(block.map { $0 ^ 0x5C })
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
