import Glibc
import Net

/// Where a program has been told by its linker to find its libraries (`DT_RUNPATH`, `DT_RPATH`).
///
/// A release of a function is one static file. One that was built for debugging names folders of the
/// toolchain; without them it would not even start where it sees little of the machine.
enum ProgramLibraries {
    /// A program may be large, its dynamic section lies anywhere: only these parts are read.
    private static let maximumTableBytes = 1 << 20

    /// - Returns: absolute folders that exist, in their order; none for scripts and static programs.
    static func folders(of path: String) -> [String] {
        guard let descriptor = try? System.open(path, O_RDONLY) else { return [] }
        defer { System.close(descriptor) }
        let file = ELFFile(descriptor: descriptor)
        return file.libraryFolders()
            .filter { $0.hasPrefix("/") && !$0.utf8.contains(0x24) && Files.isDirectory($0) }
    }

    /// What is needed of the ELF-64 Object File Format, little-endian.
    private struct ELFFile {
        let descriptor: Int32

        private enum Tag {
            static let stringTable: UInt64 = 5
            static let rpath: UInt64 = 15
            static let runpath: UInt64 = 29
        }

        func libraryFolders() -> [String] {
            guard let head = read(0, 64), head.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return [] }
            let table = head.number(32, 8)
            let size = head.number(54, 2)
            let count = head.number(56, 2)
            guard size >= 56, let headers = read(table, Int(size * count)) else { return [] }
            let segments = stride(from: 0, to: headers.count - 55, by: Int(size)).map { offset in
                Segment(
                    type: headers.number(offset, 4), offset: headers.number(offset + 8, 8),
                    address: headers.number(offset + 16, 8), size: headers.number(offset + 32, 8))
            }
            guard let dynamic = segments.first(where: { $0.type == 2 }),
                let entries = read(dynamic.offset, Int(truncatingIfNeeded: dynamic.size))
            else { return [] }
            var strings: UInt64?
            var paths: [UInt64] = []
            for offset in stride(from: 0, to: entries.count - 15, by: 16) {
                let value = entries.number(offset + 8, 8)
                switch entries.number(offset, 8) {
                case Tag.stringTable: strings = value
                case Tag.rpath, Tag.runpath: paths.append(value)
                default: break
                }
            }
            guard let strings,
                let holder = segments.first(where: {
                    $0.type == 1 && strings >= $0.address && strings - $0.address < $0.size
                })
            else { return [] }
            let start = strings - holder.address &+ holder.offset
            return paths.flatMap { path in
                text(at: start &+ path).split(separator: ":").map(String.init)
            }
        }

        private struct Segment {
            let type, offset, address, size: UInt64
        }

        private func text(at offset: UInt64) -> String {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = bytes.withUnsafeMutableBytes {
                Glibc.pread(descriptor, $0.baseAddress, 4096, off_t(clamping: offset))
            }
            return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0 }, as: UTF8.self)
        }

        private func read(_ offset: UInt64, _ count: Int) -> [UInt8]? {
            guard count > 0, count <= ProgramLibraries.maximumTableBytes else { return nil }
            var bytes = [UInt8](repeating: 0, count: count)
            let got = bytes.withUnsafeMutableBytes {
                Glibc.pread(descriptor, $0.baseAddress, count, off_t(clamping: offset))
            }
            return got == count ? bytes : nil
        }
    }
}

extension [UInt8] {
    /// A little-endian number inside the array.
    fileprivate func number(_ offset: Int, _ size: Int) -> UInt64 {
        self[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
