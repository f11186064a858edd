/// Writes small ELF files of any width and byte order, with the parts that a loader looks at. Everything is
/// loaded to 0x10000 above its place in the file, so that addresses are never offsets.
struct ELFMaker: Sendable {
    var isWide = true
    var isLittleEndian = true
    var machine: UInt16 = 62
    var kind: UInt16 = 3
    var interpreter: String? = "/lib64/ld-linux-x86-64.so.2"
    var isDynamic = true
    var hasSymbols = false
    var libraries: [String] = []
    var versions: [(library: String, names: [String])] = []
    var weakVersions: Set<String> = []
    var runPath: String?
    /// The name of a loaded section with ``contentOfLoaded``, listed in a table of sections.
    var loaded: String?

    static let contentOfLoaded: [UInt8] = [0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4]

    static func without(symbols maker: ELFMaker) -> [UInt8] {
        var maker = maker
        maker.hasSymbols = false
        return maker.bytes()
    }

    private static let base: UInt64 = 0x10000

    init(
        isWide: Bool = true, isLittleEndian: Bool = true, machine: UInt16 = 62, kind: UInt16 = 3,
        interpreter: String? = "/lib64/ld-linux-x86-64.so.2", isDynamic: Bool = true, hasSymbols: Bool = false
    ) {
        self.isWide = isWide
        self.isLittleEndian = isLittleEndian
        self.machine = machine
        self.kind = kind
        self.interpreter = interpreter
        self.isDynamic = isDynamic
        self.hasSymbols = hasSymbols
    }

    private var headerSize: Int { isWide ? 64 : 52 }
    private var segmentSize: Int { isWide ? 56 : 32 }
    private var segmentsEnd: Int { headerSize + 3 * segmentSize }

    private func number(_ value: UInt64, _ count: Int) -> [UInt8] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        return isLittleEndian ? bytes : bytes.reversed()
    }
    private func half(_ value: Int) -> [UInt8] { number(UInt64(value), 2) }
    private func word(_ value: Int) -> [UInt8] { number(UInt64(value), 4) }
    private func address(_ value: Int) -> [UInt8] { number(UInt64(value), isWide ? 8 : 4) }

    /// All names, each once, after the interpreter's.
    private var names: [String] {
        [interpreter ?? ""] + libraries + versions.flatMap { [$0.library] + $0.names } + [runPath ?? ""]
    }
    private func place(of name: String) -> Int {
        names.prefix { $0 != name }.reduce(0) { $0 + $1.utf8.count + 1 }
    }

    func bytes() -> [UInt8] {
        let strings = names.flatMap { (name: String) -> [UInt8] in Array(name.utf8) + [0] }
        var needs: [UInt8] = []
        for (index, need) in versions.enumerated() {
            var chain: [UInt8] = []
            for (position, name) in need.names.enumerated() {
                chain += word(0) + half(weakVersions.contains(name) ? 2 : 0) + half(2)
                chain += word(place(of: name)) + word(position == need.names.count - 1 ? 0 : 16)
            }
            needs += half(1) + half(need.names.count) + word(place(of: need.library)) + word(16)
            needs += word(index == versions.count - 1 ? 0 : 16 + chain.count) + chain
        }
        // The order in the file: headers, dynamic section, versions, names. What ends early lacks a name.
        let entryCount = libraries.count + 5
        let dynamicSize = entryCount * 2 * (isWide ? 8 : 4)
        let needsStart = segmentsEnd + dynamicSize
        let stringsStart = needsStart + needs.count
        let base = Int(Self.base)
        var dynamic: [UInt8] = []
        for library in libraries { dynamic += address(1) + address(place(of: library)) }
        dynamic += address(5) + address(base + stringsStart)
        dynamic += address(runPath == nil ? 21 : 29) + address(place(of: runPath ?? ""))
        dynamic += address(versions.isEmpty ? 21 : 0x6fff_fffe) + address(base + needsStart)
        dynamic += address(0x6fff_ffff) + address(versions.count) + address(0) + address(0)
        let content = loaded == nil ? [] : Self.contentOfLoaded
        let end = stringsStart + strings.count + content.count
        var sections: [UInt8] = hasSymbols ? section(2, name: 0, offset: 0, size: 0) : []
        if let loaded {
            // The section, then the table of names, which is the last section and lies behind all of them.
            let names = Array(".shstrtab\0\(loaded)\0".utf8)
            sections += section(1, name: 10, offset: end - content.count, size: content.count)
            sections += section(3, name: 0, offset: end + sections.count + sectionSize, size: names.count)
            sections += names
        }
        let count = (hasSymbols ? 1 : 0) + (loaded == nil ? 0 : 2)
        var file = header(sections: count == 0 ? 0 : end, count: count)
        file += segment(1, offset: 0, size: end)
        file +=
            isDynamic ? segment(2, offset: segmentsEnd, size: dynamicSize) : segment(0, offset: 0, size: 0)
        let interpreterSize = (interpreter ?? "").utf8.count + 1
        file += segment(interpreter == nil ? 0 : 3, offset: stringsStart, size: interpreterSize)
        file += dynamic
        file += needs
        file += strings
        file += content
        file += sections
        return file
    }

    private func header(sections: Int, count: Int) -> [UInt8] {
        let mark: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, isWide ? 2 : 1, isLittleEndian ? 1 : 2, 1, 0]
        var bytes = mark + [UInt8](repeating: 0, count: 8)
        bytes += half(Int(kind)) + half(Int(machine)) + word(1)
        bytes += address(0) + address(headerSize) + address(sections)
        bytes += word(0) + half(headerSize) + half(segmentSize) + half(3)
        bytes += half(isWide ? 64 : 40) + half(count) + half(max(0, count - 1))
        return bytes
    }

    private var sectionSize: Int { isWide ? 64 : 40 }

    private func section(_ type: Int, name: Int, offset: Int, size: Int) -> [UInt8] {
        var bytes = word(name) + word(type) + address(0) + address(Int(Self.base) + offset)
        bytes += address(offset) + address(size)
        return bytes + [UInt8](repeating: 0, count: sectionSize - bytes.count)
    }

    private func segment(_ type: Int, offset: Int, size: Int) -> [UInt8] {
        let place =
            address(offset) + address(Int(Self.base) + offset) + address(0) + address(size) + address(size)
        return isWide
            ? word(type) + word(5) + place + address(1) : word(type) + place + word(5) + address(1)
    }
}
