import CDigests

/// What the three hash functions have in common; each names its C entry points once.
public protocol DigestFunction {
    /// Length of the digest in bytes.
    static var length: Int { get }
    static func start(_ context: inout mumble_digest_context)
    static func absorb(_ context: inout mumble_digest_context, _ bytes: UnsafeRawBufferPointer)
    static func finish(_ context: inout mumble_digest_context, _ digest: UnsafeMutablePointer<UInt8>)
}

/// Takes bytes piece by piece, then gives their digest.
public struct DigestHasher<Function: DigestFunction>: Sendable {
    private var context = mumble_digest_context()

    public init() { Function.start(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > 0 { Function.absorb(&context, bytes) }
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of everything so far. The hasher must not be used afterwards: a copy made before
    /// can be.
    public mutating func finish() -> [UInt8] {
        // Quicker than an array that is not filled first: making that one looks its type up at run time.
        var digest = [UInt8](repeating: 0, count: Function.length)
        digest.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { Function.finish(&context, start) }
        }
        return digest
    }

    /// As `finish`, for a digest that nobody keeps.
    mutating func finish<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Function.length) { buffer in
            if let start = buffer.baseAddress { Function.finish(&context, start) }
            return body(UnsafeBufferPointer(buffer))
        }
    }
}

extension DigestFunction {
    public typealias Hasher = DigestHasher<Self>

    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0) }
    }

    public static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hasher = DigestHasher<Self>()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of the text's UTF-8.
    public static func hash(_ text: String) -> [UInt8] {
        var hasher = DigestHasher<Self>()
        hasher.update(text)
        return hasher.finish()
    }

    /// The digest as lower-case hexadecimal digits.
    public static func hex(_ bytes: [UInt8]) -> String { lowerHex(hash(bytes)) }

    /// The digest of the text's UTF-8 as lower-case hexadecimal digits.
    public static func hex(_ text: String) -> String { lowerHex(hash(text)) }
}

func lowerHex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBufferPointer { lowerHex($0) } }

func lowerHex(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
        for index in 0..<bytes.count {
            // Both digits at once; each is 0x30 more, and from ten on another 0x27.
            let digits = UInt16(bytes[index] >> 4) | UInt16(bytes[index] & 15) << 8
            let letters = ((digits &+ 0x0606) >> 4) & 0x0101
            let text = digits &+ 0x3030 &+ letters &* 0x27
            buffer[2 * index] = UInt8(truncatingIfNeeded: text)
            buffer[2 * index + 1] = UInt8(truncatingIfNeeded: text >> 8)
        }
        return bytes.count * 2
    }
}
