import Glibc

/// A program without what only debuggers read.
public enum StrippedProgram {
    public enum Unwinding: Sendable {
        /// Tables for C++ exceptions stay.
        case kept
        /// They go from static executables, of whose size they are a tenth: Swift unwinds no stack, and an
        /// exception of C++ that nobody catches ends a program with them or without. To be kept where C++
        /// code that a handler calls throws and catches exceptions.
        case dropped
    }

    /// The program's bytes up to the last one that is loaded; those of a file that is no ELF file, as a
    /// script, and of one for 32 bits, unchanged.
    /// - Throws: ``ELFError/damaged(_:)``.
    public static func strip(_ bytes: [UInt8], unwinding: Unwinding) throws(ELFError) -> [UInt8] {
        let file: ELFFile
        do throws(ELFError) {
            file = try ELFFile(bytes: bytes)
        } catch .notELF {
            return bytes
        }
        guard file.wordSize == .bits64, file.isLittleEndian, file.kind != .other(1) else { return bytes }
        var result = bytes
        let isStatic = file.isStatic && unwinding == .dropped
        let outcome = bytes.withUnsafeBytes { buffer in
            Result { () throws(ELFError) in
                let reader = ELFBytes(bytes: buffer, isWide: true, isLittleEndian: true)
                let edges = try Edges(reader)
                if isStatic { try dropTables(reader, edges, from: &result) }
                return edges.end
            }
        }
        let end = try outcome.get()
        // What follows are sections that nothing loads, and the table of all sections.
        result.removeSubrange(end...)
        for place in Array(0x28..<0x30) + Array(0x3c..<0x40) { result[place] = 0 }
        return result
    }

    /// Where a file's loaded part ends, and where its headers of segments are.
    private struct Edges {
        var end = 64
        var unwindSegment: Int?

        init(_ reader: ELFBytes) throws(ELFError) {
            let start = try reader.fileOffset(try reader.address(0x20))
            let size = Int(try reader.half(0x36))
            for index in 0..<Int(try reader.half(0x38)) {
                let header = start + index * size
                let type = try reader.word(header)
                // PT_GNU_EH_FRAME
                if type == 0x6474_e550 { unwindSegment = header }
                guard type != 0 else { continue }
                let (sum, overflow) = try reader.address(header + 8).addingReportingOverflow(
                    try reader.address(header + 32))
                guard !overflow else { throw .damaged("a segment without end") }
                end = max(end, try reader.fileOffset(sum))
            }
            end = max(end, start + size * Int(try reader.half(0x38)))
            guard end <= reader.bytes.count else { throw .damaged("its headers lie outside of it") }
        }
    }

    /// Zeros, of which a zip needs next to nothing; a table that begins with zeros is an empty one.
    private static func dropTables(
        _ reader: ELFBytes, _ edges: Edges, from result: inout [UInt8]
    ) throws(ELFError) {
        let start = try reader.fileOffset(try reader.address(0x28))
        guard start != 0 else { return }
        let size = Int(try reader.half(0x3a))
        let count = Int(try reader.half(0x3c))
        let names = try sectionStart(reader, start + Int(try reader.half(0x3e)) * size)
        for index in 0..<count {
            let header = start + index * size
            let name = try reader.text(at: names, plus: UInt64(try reader.word(header)))
            guard [".eh_frame", ".eh_frame_hdr", ".gcc_except_table"].contains(name) else { continue }
            let place = try sectionStart(reader, header)
            let length = try reader.fileOffset(try reader.address(header + 0x20))
            guard place + length <= edges.end else {
                throw .damaged("\(name) lies outside of what is loaded")
            }
            for offset in place..<place + length { result[offset] = 0 }
        }
        // Nobody looks for the tables any more.
        if let header = edges.unwindSegment { for offset in header..<header + 4 { result[offset] = 0 } }
    }

    private static func sectionStart(_ reader: ELFBytes, _ header: Int) throws(ELFError) -> Int {
        try reader.fileOffset(try reader.address(header + 0x18))
    }
}
