import Digests
import Glibc

/// Ends of RocksDB's logs that a power cut has torn.
///
/// Pages reach a disk in any order, so what was not synced may have a hole. RocksDB forgives a record that ends
/// early, but refuses to open over one with a hole, as it cannot tell that from damage to what was synced. We can:
/// a batch is written only after the one before it was synced, so only the very last record may be torn. Damage
/// that any other record follows is left alone, and the store refuses to open.
///
/// Format: rocksdb's `db/log_format.h`. Blocks of 32 KiB; each fragment has a header of masked CRC-32C (4 bytes),
/// length (2) and type (1); all little-endian.
enum LogTail {
    private static let blockBytes = 32_768
    private static let headerBytes = 7

    private enum Kind: UInt8 {
        case full = 1
        case first, middle, last

        var begins: Bool { self == .full || self == .first }
        var ends: Bool { self == .full || self == .last }
    }

    /// Cuts the torn ends of the newest log and of the manifest off.
    /// - Returns: whether there was one.
    static func mend(_ database: String) throws(StoreError) -> Bool {
        var paths: [String] = []
        let logs = try Files.list(database).filter { name in
            name.hasSuffix(".log") && Files.length("\(database)/\(name)") ?? 0 > 0
        }
        if let newest = logs.max(by: { number(of: $0) < number(of: $1) }) { paths.append(newest) }
        if Files.exists("\(database)/CURRENT") {
            let name = String(decoding: try Files.read("\(database)/CURRENT", limit: 256), as: UTF8.self)
            paths.append(String(name.prefix { !$0.isWhitespace }))
        }
        var isMended = false
        for path in paths.map({ "\(database)/\($0)" }) {
            guard let end = try tornRecord(path) else { continue }
            try Files.cut(path, to: end)
            isMended = true
        }
        return isMended
    }

    private static func number(of name: String) -> Int { Int(name.prefix { $0.isNumber }) ?? 0 }

    /// Where the last record starts if that is damaged; nil when nothing is, or something that is not torn.
    static func tornRecord(_ path: String) throws(StoreError) -> Int64? {
        let descriptor = try Files.open(path, O_RDONLY)
        defer { close(descriptor) }
        var scan = Scan()
        var block = [UInt8](repeating: 0, count: blockBytes)
        while true {
            let count = try Files.read(descriptor, into: &block, path: path)
            if count == 0 { break }
            guard scan.read(block[..<count]) else { return nil }
        }
        return scan.damage
    }

    /// Goes through a log block by block.
    private struct Scan {
        /// Where the record with the first damage starts.
        private(set) var damage: Int64?
        private var blockStart: Int64 = 0
        /// Where the record under way started.
        private var recordStart: Int64?

        /// - Returns: false when a record follows the damage.
        mutating func read(_ block: ArraySlice<UInt8>) -> Bool {
            var place = block.startIndex
            while place + headerBytes <= block.endIndex {
                guard let (kind, length) = fragment(block, at: place) else {
                    noteDamage(blockStart + Int64(place))
                    // The length means nothing, so the next fragment may begin anywhere.
                    place += 1
                    continue
                }
                if damage != nil, kind.begins { return false }
                // A record that begins before the one under way has ended follows damage, too.
                if kind.begins, recordStart != nil { return false }
                if kind.begins == (recordStart != nil) { noteDamage(blockStart + Int64(place)) }
                if kind.begins { recordStart = blockStart + Int64(place) }
                if kind.ends { recordStart = nil }
                place += headerBytes + length
            }
            blockStart += Int64(block.count)
            return true
        }

        private mutating func noteDamage(_ place: Int64) {
            if damage == nil { damage = recordStart ?? place }
        }

        private func fragment(_ block: ArraySlice<UInt8>, at place: Int) -> (kind: Kind, length: Int)? {
            let length = Int(block[place + 4]) | Int(block[place + 5]) << 8
            let start = place + headerBytes
            guard let kind = Kind(rawValue: block[place + 6]), start + length <= block.endIndex else {
                return nil
            }
            // The type is covered too.
            let crc = block.withUnsafeBytes { bytes in
                CRC32C.update(0, UnsafeRawBufferPointer(rebasing: bytes[place + 6..<start + length]))
            }
            let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
            let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[place + $1]) << UInt32(8 * $1) }
            return masked == stored ? (kind, length) : nil
        }
    }
}
