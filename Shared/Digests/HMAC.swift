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

    /// A key that is used again and again: the hashing of the key itself, which is half the work for short
    /// messages, is done once.
    public struct SHA256Key: Sendable {
        private let state: KeyState<SHA256>

        public init(_ key: [UInt8]) { state = KeyState(key) }

        /// HMAC-SHA-256 of `message`: 32 bytes.
        public func code(_ message: UnsafeRawBufferPointer) -> [UInt8] { state.code { $0.update(message) } }
    }

    private static func code<Function: DigestFunction>(
        _ function: Function.Type, key: [UInt8], _ absorbMessage: (inout DigestHasher<Function>) -> Void
    ) -> [UInt8] {
        KeyState<Function>(key).code(absorbMessage)
    }

    /// Both hashers after they have absorbed the padded key.
    private struct KeyState<Function: DigestFunction>: Sendable {
        private var inner = DigestHasher<Function>()
        private var outer = DigestHasher<Function>()

        init(_ key: [UInt8]) {
            // All functions here work on blocks of 64 bytes.
            var block = [UInt8](repeating: 0, count: 64)
            let start = key.count > block.count ? Function.hash(key) : key
            for (index, byte) in start.enumerated() { block[index] = byte }
            for index in block.indices { block[index] ^= 0x36 }
            inner.update(block)
            for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
            outer.update(block)
        }

        func code(_ absorbMessage: (inout DigestHasher<Function>) -> Void) -> [UInt8] {
            var inner = inner
            absorbMessage(&inner)
            var outer = outer
            inner.finish { outer.update(UnsafeRawBufferPointer($0)) }
            return outer.finish()
        }
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
