import Bytes
import Digests

/// All digests that one pass over a body has to yield.
struct BodyDigests: Sendable {
    private var md5Hasher = MD5.Hasher()
    private var checksumHasher: ChecksumHasher
    private var crc64: UInt64 = 0
    private var sha256Hasher: SHA256.Hasher?
    let algorithm: ChecksumAlgorithm
    private(set) var length: Int64 = 0

    /// - Parameter withSHA256: also compute the SHA-256 of the bytes as sent, to check a signed hash.
    init(_ algorithm: ChecksumAlgorithm, withSHA256: Bool = false) {
        self.algorithm = algorithm
        checksumHasher = ChecksumHasher(algorithm)
        if withSHA256 { sha256Hasher = SHA256.Hasher() }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        length += Int64(bytes.count)
        md5Hasher.update(bytes)
        checksumHasher.update(bytes)
        if algorithm != .crc64nvme { crc64 = CRC64NVME.update(crc64, bytes) }
        sha256Hasher?.update(bytes)
    }

    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Raw, 16 bytes.
    var md5: [UInt8] {
        var copy = md5Hasher
        return copy.finish()
    }

    /// Raw, of the algorithm that was asked for.
    var checksum: [UInt8] { checksumHasher.finished() }

    /// Whatever was asked for.
    var crc64nvme: UInt64 {
        if case .crc64nvme(let crc) = checksumHasher { crc } else { crc64 }
    }

    /// Lower-case hex; nil when it was not asked for.
    var sha256: String? {
        guard var copy = sha256Hasher else { return nil }
        return Hex.encode(copy.finish())
    }

    var storedChecksum: StoredChecksum {
        StoredChecksum(algorithm: algorithm, value: Base64.encode(checksum))
    }
}
