import CDigests

/// SHA-256 (FIPS 180-4): 32 bytes.
public enum SHA256: DigestFunction {
    public static let length = 32

    public static func start(_ context: inout mumble_digest_context) {
        mumble_sha256_init(&context)
    }

    public static func absorb(
        _ context: inout mumble_digest_context, _ bytes: UnsafeRawBufferPointer
    ) {
        mumble_sha256_update(&context, bytes.baseAddress, bytes.count)
    }

    public static func finish(
        _ context: inout mumble_digest_context, _ digest: UnsafeMutablePointer<UInt8>
    ) {
        mumble_sha256_final(&context, digest)
    }
}

extension SHA256 {
    /// As `DigestFunction`'s, but not generic: requests are hashed by the thousand, and
    /// generic code that another module calls looks its types up at run time.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hasher = DigestHasher<SHA256>()
        hasher.update(bytes)
        return hasher.finish()
    }

    public static func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hex($0) } }

    public static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
        var hasher = DigestHasher<SHA256>()
        hasher.update(bytes)
        return hasher.finish { lowerHex($0) }
    }

    /// `hex` of no bytes: most requests have no body.
    public static let hexOfNothing = hex([UInt8]())
}

/// SHA-1 (FIPS 180-4): 20 bytes. For S3 checksums and, keyed, S3's older signatures; alone it resists
/// no attacker.
public enum SHA1: DigestFunction {
    public static let length = 20

    public static func start(_ context: inout mumble_digest_context) {
        mumble_sha1_init(&context)
    }

    public static func absorb(
        _ context: inout mumble_digest_context, _ bytes: UnsafeRawBufferPointer
    ) {
        mumble_sha1_update(&context, bytes.baseAddress, bytes.count)
    }

    public static func finish(
        _ context: inout mumble_digest_context, _ digest: UnsafeMutablePointer<UInt8>
    ) {
        mumble_sha1_final(&context, digest)
    }
}

/// MD5 (RFC 1321): 16 bytes. For S3 entity tags and `Content-MD5` only; it resists no attacker.
public enum MD5: DigestFunction {
    public static let length = 16

    public static func start(_ context: inout mumble_digest_context) {
        mumble_md5_init(&context)
    }

    public static func absorb(
        _ context: inout mumble_digest_context, _ bytes: UnsafeRawBufferPointer
    ) {
        mumble_md5_update(&context, bytes.baseAddress, bytes.count)
    }

    public static func finish(
        _ context: inout mumble_digest_context, _ digest: UnsafeMutablePointer<UInt8>
    ) {
        mumble_md5_final(&context, digest)
    }
}
