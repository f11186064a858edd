import Bytes
import Digests

/// Checksum and entity tag of an object out of those of its parts, without reading a byte (Amazon S3 User Guide,
/// "Checking object integrity in Amazon S3").
struct PartedDigest {
    private enum Sum {
        case crc32(CombinedChecksum<CRC32>)
        case crc32c(CombinedChecksum<CRC32C>)
        case crc64nvme(CombinedChecksum<CRC64NVME>)
        /// A digest of the parts' raw digests.
        case composite(ChecksumHasher)
    }

    private let algorithm: ChecksumAlgorithm
    private let kind: StoredChecksum.Kind
    private var sum: Sum
    private var md5 = MD5.Hasher()
    private(set) var count = 0
    private(set) var length: Int64 = 0

    /// - Parameter kind: `fullObject` is possible with a CRC only.
    init(_ algorithm: ChecksumAlgorithm, _ kind: StoredChecksum.Kind) {
        self.algorithm = algorithm
        self.kind = kind
        sum =
            switch (kind, algorithm) {
            case (.fullObject, .crc32): .crc32(CombinedChecksum())
            case (.fullObject, .crc32c): .crc32c(CombinedChecksum())
            case (.fullObject, .crc64nvme): .crc64nvme(CombinedChecksum())
            default: .composite(ChecksumHasher(algorithm))
            }
    }

    /// - Parameter checksum: raw, of the algorithm.
    /// - Parameter md5: raw.
    mutating func append(length: Int64, checksum: [UInt8], md5: [UInt8]) {
        count += 1
        self.length += length
        self.md5.update(md5)
        switch sum {
        case .crc32(var combined):
            combined.append(ByteOrder.read(UInt32.self, from: checksum, at: 0) ?? 0, length: length)
            sum = .crc32(combined)
        case .crc32c(var combined):
            combined.append(ByteOrder.read(UInt32.self, from: checksum, at: 0) ?? 0, length: length)
            sum = .crc32c(combined)
        case .crc64nvme(var combined):
            combined.append(ByteOrder.read(UInt64.self, from: checksum, at: 0) ?? 0, length: length)
            sum = .crc64nvme(combined)
        case .composite(var hasher):
            checksum.withUnsafeBytes { hasher.update($0) }
            sum = .composite(hasher)
        }
    }

    var checksum: StoredChecksum {
        let raw =
            switch sum {
            case .crc32(let combined): ByteOrder.bytes(combined.value)
            case .crc32c(let combined): ByteOrder.bytes(combined.value)
            case .crc64nvme(let combined): ByteOrder.bytes(combined.value)
            case .composite(let hasher): hasher.finished()
            }
        let suffix = kind == .composite ? "-\(count)" : ""
        return StoredChecksum(algorithm: algorithm, value: Base64.encode(raw) + suffix, kind: kind)
    }

    /// Without quotes.
    var etag: String {
        var copy = md5
        return "\(Hex.encode(copy.finish()))-\(count)"
    }
}
