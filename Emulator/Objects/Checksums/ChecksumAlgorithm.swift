import Bytes
import Digests

/// The checksums that S3 offers for every operation.
enum ChecksumAlgorithm: String, Sendable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    var headerName: String { "x-amz-checksum-\(rawValue.lowercased())" }

    /// The element that carries the value in XML.
    var elementName: String { "Checksum\(rawValue)" }

    /// Bytes of the raw value.
    var length: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// The kind of checksum an upload in parts gets when the client does not say.
    var defaultMultipartKind: StoredChecksum.Kind { self == .crc64nvme ? .fullObject : .composite }

    init?(headerName: String) {
        let name = headerName.lowercased()
        guard let found = Self.allCases.first(where: { $0.headerName == name }) else { return nil }
        self = found
    }

    func isWellFormed(_ value: String) -> Bool { Base64.decode(value)?.count == length }
}

/// Computes one checksum over bytes that arrive in pieces.
enum ChecksumHasher: Sendable {
    case crc32(UInt32)
    case crc32c(UInt32)
    case crc64nvme(UInt64)
    case sha1(SHA1.Hasher)
    case sha256(SHA256.Hasher)

    init(_ algorithm: ChecksumAlgorithm) {
        switch algorithm {
        case .crc32: self = .crc32(0)
        case .crc32c: self = .crc32c(0)
        case .crc64nvme: self = .crc64nvme(0)
        case .sha1: self = .sha1(SHA1.Hasher())
        case .sha256: self = .sha256(SHA256.Hasher())
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .crc32(let crc): self = .crc32(CRC32.update(crc, bytes))
        case .crc32c(let crc): self = .crc32c(CRC32C.update(crc, bytes))
        case .crc64nvme(let crc): self = .crc64nvme(CRC64NVME.update(crc, bytes))
        case .sha1(var hasher):
            hasher.update(bytes)
            self = .sha1(hasher)
        case .sha256(var hasher):
            hasher.update(bytes)
            self = .sha256(hasher)
        }
    }

    /// The raw value, big-endian.
    func finished() -> [UInt8] {
        switch self {
        case .crc32(let crc), .crc32c(let crc): return ByteOrder.bytes(crc)
        case .crc64nvme(let crc): return ByteOrder.bytes(crc)
        case .sha1(var hasher): return hasher.finish()
        case .sha256(var hasher): return hasher.finish()
        }
    }
}
