import Glibc

extension ELFFile {
    /// Reads a file's facts.
    /// - Throws: ``ELFError``.
    public init(path: String) throws(ELFError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw .notELF(script: false) }
        // Mapped, since of 10 MB only a few pages are looked at.
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { munmap(address, count) }
        try self.init(UnsafeRawBufferPointer(start: address, count: count))
    }

    /// Reads the facts of a file that is in memory, as one out of a zip.
    /// - Throws: ``ELFError``.
    public init(bytes: [UInt8]) throws(ELFError) {
        // Not bytes.withUnsafeBytes alone, which does not know which errors its closure throws.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ELFError) in try ELFFile(buffer) }
        }
        self = try result.get()
    }

    init(_ bytes: UnsafeRawBufferPointer) throws(ELFError) {
        guard bytes.count >= 20, bytes[0] == 0x7f, bytes[1..<4].elementsEqual("ELF".utf8) else {
            throw .notELF(script: bytes.starts(with: "#!".utf8))
        }
        guard let size = [1: WordSize.bits32, 2: .bits64][bytes[4]] else {
            throw .damaged("its class is \(bytes[4])")
        }
        guard bytes[5] == 1 || bytes[5] == 2 else { throw .damaged("its byte order is \(bytes[5])") }
        let reader = ELFBytes(bytes: bytes, isWide: size == .bits64, isLittleEndian: bytes[5] == 1)
        self.init(
            wordSize: size, isLittleEndian: reader.isLittleEndian,
            machine: Machine(number: try reader.half(18)), kind: Kind(number: try reader.half(16)))
        let segments = try ELFSegments(reader)
        interpreter = try segments.interpreter()
        try read(dynamic: segments.dynamicEntries(), of: segments)
        isStripped = try !reader.hasSymbolTable()
    }

    private init(wordSize: WordSize, isLittleEndian: Bool, machine: Machine, kind: Kind) {
        self.wordSize = wordSize
        self.isLittleEndian = isLittleEndian
        self.machine = machine
        self.kind = kind
    }

    private mutating func read(
        dynamic entries: [(tag: UInt64, value: UInt64)], of segments: ELFSegments
    ) throws(ELFError) {
        guard let strings = entries.first(where: { $0.tag == Tag.strings })?.value else { return }
        let table = try segments.offset(of: strings)
        for entry in entries where entry.tag == Tag.needed {
            libraries.append(try segments.reader.text(at: table, plus: entry.value))
        }
        for tag in [Tag.runPath, Tag.oldRunPath] where runPaths.isEmpty {
            guard let entry = entries.first(where: { $0.tag == tag }) else { continue }
            runPaths = try segments.reader.text(at: table, plus: entry.value).split(separator: ":").map(
                String.init)
        }
        guard let needs = entries.first(where: { $0.tag == Tag.versionNeeds })?.value else { return }
        let count = entries.first { $0.tag == Tag.versionNeedsCount }?.value ?? 0
        try readVersions(at: try segments.offset(of: needs), count: count, strings: table, segments.reader)
    }

    /// A chain of libraries, each with a chain of versions; the links are distances in bytes.
    private mutating func readVersions(
        at start: Int, count: UInt64, strings: Int, _ reader: ELFBytes
    ) throws(ELFError) {
        // Programs need a dozen libraries; more than this is a chain that was made to be walked for ever.
        guard count <= 4_096 else { throw .damaged("\(count) libraries with versions") }
        var position = start
        for _ in 0..<count {
            let library = try reader.text(at: strings, plus: UInt64(try reader.word(position + 4)))
            var version = position + Int(try reader.word(position + 8))
            let versions = try reader.half(position + 2)
            for _ in 0..<versions {
                versionNeeds.append(
                    VersionNeed(
                        library: library,
                        version: try reader.text(at: strings, plus: UInt64(try reader.word(version + 8))),
                        isWeak: try reader.half(version + 4) & 2 != 0))
                guard versionNeeds.count <= 65_536 else { throw .damaged("more than 65,536 versions") }
                let step = Int(try reader.word(version + 12))
                if step == 0 { break }
                version += step
            }
            let step = Int(try reader.word(position + 12))
            if step == 0 { break }
            position += step
        }
    }
}

extension ELFFile.Machine {
    fileprivate init(number: UInt16) {
        switch number {
        case 62: self = .amd64
        case 183: self = .arm64
        default: self = .other(number)
        }
    }
}

extension ELFFile.Kind {
    fileprivate init(number: UInt16) {
        switch number {
        case 2: self = .executable
        case 3: self = .sharedObject
        default: self = .other(number)
        }
    }
}

/// `d_tag` of the dynamic section.
private enum Tag {
    static let needed: UInt64 = 1
    static let strings: UInt64 = 5
    static let oldRunPath: UInt64 = 15
    static let runPath: UInt64 = 29
    static let versionNeeds: UInt64 = 0x6fff_fffe
    static let versionNeedsCount: UInt64 = 0x6fff_ffff
}
