import CDigests

/// CRC-32 (ISO-HDLC, as in zlib and PNG).
public enum CRC32 {
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { update(0, $0) }
    }

    /// The checksum of what `crc` covers (0 for nothing) followed by `bytes`.
    public static func update(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        // zlib answers a null pointer with the checksum of nothing, whatever came before.
        bytes.count == 0 ? crc : mumble_crc32(crc, bytes.baseAddress, bytes.count)
    }
}

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
public enum CRC32C {
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { update(0, $0) }
    }

    /// The checksum of what `crc` covers (0 for nothing) followed by `bytes`.
    public static func update(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        mumble_crc32c(crc, bytes.baseAddress, bytes.count)
    }
}

/// CRC-64/NVME (NVM Command Set Specification), S3's default checksum.
public enum CRC64NVME {
    public static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { update(0, $0) }
    }

    /// The checksum of what `crc` covers (0 for nothing) followed by `bytes`.
    public static func update(_ crc: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        mumble_crc64nvme(crc, bytes.baseAddress, bytes.count)
    }
}
