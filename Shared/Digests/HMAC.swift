/// Keyed hashes (RFC 2104).
public enum HMAC {
    /// HMAC-SHA-256 of `message`: 32 bytes.
    public static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let blockLength = 64
        var block = key.count > blockLength ? SHA256.hash(key) : key
        block.append(contentsOf: repeatElement(0, count: blockLength - block.count))

        var inner = SHA256.Hasher()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = SHA256.Hasher()
        outer.update(block.map { $0 ^ 0x5C })
        outer.update(inner.finish())
        return outer.finish()
    }

    /// The same of the text's UTF-8.
    public static func sha256(key: [UInt8], _ message: String) -> [UInt8] {
        sha256(key: key, Array(message.utf8))
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
