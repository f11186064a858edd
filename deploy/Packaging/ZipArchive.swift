import Bytes
import CDeflate

/// The bytes of a zip file (APPNOTE.TXT 6.3.9). The same entries give the same bytes: nothing in them is
/// taken from the clock, the file system or the order in which entries came.
enum ZipArchive {
    struct Entry {
        let name: String
        /// Unix permission bits.
        let mode: UInt32
        let content: [UInt8]
    }

    /// What fields of 32 and 16 bits hold, and far more than Lambda takes (250 MB).
    static let maximumBytes = 0xffff_ffff
    static let maximumEntries = 0xffff

    /// The first moment that an entry can carry, 1980-01-01 00:00 (4.4.6).
    private static let date: UInt16 = 1 << 5 | 1
    /// What an unpacker must know: 2.0.
    private static let version: UInt16 = 20
    private static let madeBy: UInt16 = 3 << 8 | 20
    private static let utf8Names: UInt16 = 1 << 11
    private static let deflate: UInt16 = 8
    /// libdeflate's strongest: packages are written seldom and uploaded often. A thirtieth smaller than
    /// zlib's 9.
    private static let level: Int32 = 12

    /// - Parameter entries: in any order; names are different.
    static func bytes(_ entries: [Entry]) throws(PackagingError) -> [UInt8] {
        let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard sorted.count <= maximumEntries else { throw .tooLarge("more than 65,535 files") }
        guard let compressor = libdeflate_alloc_compressor(level) else {
            throw .tooLarge("no memory is left")
        }
        defer { libdeflate_free_compressor(compressor) }
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for entry in sorted {
            let offset = archive.count
            let packed = deflated(entry.content, compressor)
            guard entry.content.count <= maximumBytes, offset + packed.count <= maximumBytes >> 1 else {
                throw .tooLarge("\(entry.name) makes the package larger than 2 GB")
            }
            let common = header(of: entry, packedCount: packed.count)
            add([0x0403_4b50 as UInt32], to: &archive)
            archive += common
            archive += Array(entry.name.utf8)
            archive += packed
            // Made by Unix, whose mode is in the upper half of the external attributes: without it Lambda
            // cannot execute the bootstrap.
            add([0x0201_4b50 as UInt32], to: &directory)
            add([madeBy], to: &directory)
            directory += common
            add([0, 0, 0] as [UInt16], to: &directory)
            add([(0o100000 | entry.mode) << 16, UInt32(offset)], to: &directory)
            directory += Array(entry.name.utf8)
        }
        let start = UInt32(archive.count)
        let count = UInt16(sorted.count)
        archive += directory
        add([0x0605_4b50 as UInt32], to: &archive)
        add([0, 0, count, count], to: &archive)
        add([UInt32(directory.count), start], to: &archive)
        add([0] as [UInt16], to: &archive)
        return archive
    }

    /// The fields that an entry's own header and the directory share: version, UTF-8 names, deflate.
    private static func header(of entry: Entry, packedCount: Int) -> [UInt8] {
        let crc = entry.content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
        var bytes: [UInt8] = []
        add([version, utf8Names, deflate, 0, date], to: &bytes)
        add([crc, UInt32(packedCount), UInt32(entry.content.count)], to: &bytes)
        add([UInt16(entry.name.utf8.count), 0], to: &bytes)
        return bytes
    }

    private static func deflated(_ content: [UInt8], _ compressor: OpaquePointer) -> [UInt8] {
        let most = libdeflate_deflate_compress_bound(compressor, content.count)
        return [UInt8](unsafeUninitializedCapacity: most) { output, count in
            count = content.withUnsafeBytes {
                libdeflate_deflate_compress(compressor, $0.baseAddress, $0.count, output.baseAddress, most)
            }
        }
    }

    /// In little-endian order.
    private static func add<Word: FixedWidthInteger>(_ words: [Word], to bytes: inout [UInt8]) {
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    }
}
