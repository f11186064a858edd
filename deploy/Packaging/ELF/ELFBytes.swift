/// Numbers and texts of an ELF file, in its own byte order and width. Nothing is read outside of the file.
struct ELFBytes {
    let bytes: UnsafeRawBufferPointer
    let isWide: Bool
    let isLittleEndian: Bool

    func half(_ offset: Int) throws(ELFError) -> UInt16 { UInt16(try number(offset, bytes: 2)) }

    func word(_ offset: Int) throws(ELFError) -> UInt32 { UInt32(try number(offset, bytes: 4)) }

    /// An address, an offset or a size: eight bytes, four in files of 32 bits.
    func address(_ offset: Int) throws(ELFError) -> UInt64 { try number(offset, bytes: isWide ? 8 : 4) }

    /// - Parameters:
    ///   - wide: the field's place in a file of 64 bits.
    ///   - narrow: and in one of 32.
    func address(_ start: Int, wide: Int, narrow: Int) throws(ELFError) -> UInt64 {
        try address(start + (isWide ? wide : narrow))
    }

    private func number(_ offset: Int, bytes count: Int) throws(ELFError) -> UInt64 {
        guard offset >= 0, offset <= bytes.count - count else {
            throw .damaged("something is expected at byte \(offset) of \(bytes.count)")
        }
        var value: UInt64 = 0
        for index in 0..<count {
            let byte = bytes[offset + (isLittleEndian ? count - 1 - index : index)]
            value = value << 8 | UInt64(byte)
        }
        return value
    }

    /// A text that ends at its first zero byte.
    func text(at table: Int, plus distance: UInt64) throws(ELFError) -> String {
        guard let distance = Int(exactly: distance), table >= 0, table <= bytes.count,
            distance < bytes.count - table
        else { throw .damaged("a name lies outside of the file") }
        let rest = bytes[(table + distance)...]
        // Far beyond the longest path.
        guard let end = rest.prefix(65_536).firstIndex(of: 0) else { throw .damaged("a name does not end") }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// Whether a section of type `SHT_SYMTAB` is there. Files may have no sections at all.
    func hasSymbolTable() throws(ELFError) -> Bool {
        let start = try fileOffset(try address(0, wide: 0x28, narrow: 0x20))
        let size = Int(try half(isWide ? 0x3a : 0x2e))
        let count = Int(try half(isWide ? 0x3c : 0x30))
        guard start != 0 else { return false }
        for index in 0..<count {
            let type = try word(start + index * size + 4)
            if type == 2 { return true }
        }
        return false
    }

    func fileOffset(_ value: UInt64) throws(ELFError) -> Int {
        guard let offset = Int(exactly: value), offset <= bytes.count else {
            throw .damaged("an offset of \(value) in \(bytes.count) bytes")
        }
        return offset
    }
}

/// The parts of a file that are loaded or read at a program's start.
struct ELFSegments {
    private struct Segment {
        let type: UInt32
        let offset: UInt64
        let address: UInt64
        let size: UInt64
    }

    let reader: ELFBytes
    private var segments: [Segment] = []

    init(_ reader: ELFBytes) throws(ELFError) {
        self.reader = reader
        let start = try reader.fileOffset(try reader.address(0, wide: 0x20, narrow: 0x1c))
        let size = Int(try reader.half(reader.isWide ? 0x36 : 0x2a))
        let count = Int(try reader.half(reader.isWide ? 0x38 : 0x2c))
        for index in 0..<count {
            let header = start + index * size
            segments.append(
                Segment(
                    type: try reader.word(header),
                    offset: try reader.address(header, wide: 8, narrow: 4),
                    address: try reader.address(header, wide: 16, narrow: 8),
                    size: try reader.address(header, wide: 32, narrow: 16)))
        }
    }

    /// `PT_INTERP`.
    func interpreter() throws(ELFError) -> String? {
        guard let segment = segments.first(where: { $0.type == 3 }) else { return nil }
        return try reader.text(at: 0, plus: segment.offset)
    }

    /// `PT_DYNAMIC`, up to its `DT_NULL`; empty for a program for fixed addresses that needs no library.
    func dynamicEntries() throws(ELFError) -> [(tag: UInt64, value: UInt64)] {
        guard let segment = segments.first(where: { $0.type == 2 }) else { return [] }
        let start = try reader.fileOffset(segment.offset)
        let width = reader.isWide ? 8 : 4
        let count = Int(clamping: segment.size) / (2 * width)
        var entries: [(tag: UInt64, value: UInt64)] = []
        for index in 0..<count {
            let tag = try reader.address(start + index * 2 * width)
            if tag == 0 { break }
            entries.append((tag, try reader.address(start + index * 2 * width + width)))
        }
        return entries
    }

    /// Where in the file lies what is loaded to `address`.
    func offset(of address: UInt64) throws(ELFError) -> Int {
        for segment in segments where segment.type == 1 {
            guard address >= segment.address, address - segment.address < segment.size else { continue }
            let (sum, overflow) = segment.offset.addingReportingOverflow(address - segment.address)
            guard !overflow else { break }
            return try reader.fileOffset(sum)
        }
        throw .damaged("address \(address) is in no segment")
    }
}
