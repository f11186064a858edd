/// What the header and the dynamic section of an ELF file say about where it can run: for which processor it
/// is, which libraries and which versions of their symbols it needs. (System V ABI, chapters 4 and 5; Linux
/// Standard Base 5.0, section 10.7, for the versions.)
public struct ELFFile: Equatable, Sendable {
    public enum WordSize: Int, Equatable, Sendable {
        case bits32 = 32
        case bits64 = 64
    }

    /// `e_machine`. Lambda runs `x86_64` and `arm64`.
    public enum Machine: Equatable, Sendable, CustomStringConvertible {
        case amd64
        case arm64
        case other(UInt16)

        public var description: String {
            switch self {
            case .amd64: "x86_64"
            case .arm64: "arm64"
            case .other(let number): ELFFile.rarerMachines[number] ?? "machine \(number)"
            }
        }
    }

    public enum Kind: Equatable, Sendable {
        /// Runs at fixed addresses.
        case executable
        /// Runs at any address: a library, or a program that may be moved (PIE), which names an interpreter
        /// or is static.
        case sharedObject
        /// An object file or a core dump: nothing that starts.
        case other(UInt16)
    }

    /// A version that a library must define, as `GLIBC_2.34` of `libc.so.6`.
    public struct VersionNeed: Equatable, Sendable {
        public var library: String
        public var version: String
        /// The program starts without it.
        public var isWeak: Bool

        public init(library: String, version: String, isWeak: Bool = false) {
            self.library = library
            self.version = version
            self.isWeak = isWeak
        }
    }

    public internal(set) var wordSize: WordSize
    public internal(set) var isLittleEndian: Bool
    public internal(set) var machine: Machine
    public internal(set) var kind: Kind
    /// The program that starts this one, as `/lib64/ld-linux-x86-64.so.2`; nil for a static executable.
    public internal(set) var interpreter: String?
    /// `DT_NEEDED`, in the file's order.
    public internal(set) var libraries: [String] = []
    /// In the file's order.
    public internal(set) var versionNeeds: [VersionNeed] = []
    /// `DT_RUNPATH`, else `DT_RPATH`: where libraries are looked for first.
    public internal(set) var runPaths: [String] = []
    /// Whether the table of symbols for debuggers is gone.
    public internal(set) var isStripped = true

    /// Needs nothing from the system but its kernel.
    public var isStatic: Bool { interpreter == nil && libraries.isEmpty }

    /// The oldest glibc that has all that is needed; nil when glibc is not needed.
    public var glibcFloor: GlibcVersion? {
        versionNeeds.lazy.filter { !$0.isWeak }.compactMap { GlibcVersion(symbol: $0.version) }.max()
    }

    static let rarerMachines: [UInt16: String] = [
        3: "x86", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 243: "riscv",
    ]
}

/// A release of the GNU C library, as 2.34.
public struct GlibcVersion: Comparable, Sendable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    /// Releases of the 1990s had a third number.
    public var patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `GLIBC_2.34`; nil for `GLIBC_PRIVATE`, `GLIBC_ABI_DT_RELR` and names of other libraries.
    /// - Parameter prefix: of another library's versions, which have the same form.
    public init?(symbol: String, prefix: String = "GLIBC_") {
        guard symbol.hasPrefix(prefix) else { return nil }
        let numbers = symbol.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(numbers.count) else { return nil }
        let parts = numbers.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
        guard parts.count == numbers.count else { return nil }
        self.init(parts[0], parts[1], parts.count == 3 ? parts[2] : 0)
    }

    public static func < (a: GlibcVersion, b: GlibcVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    public var description: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }
}

/// Why a file could not be read as ELF.
public enum ELFError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It does not begin as ELF files do; `script` says that it begins with `#!`.
    case notELF(script: Bool)
    /// Something in it leads outside of it, or contradicts itself.
    case damaged(String)
    /// The system's words.
    case unreadable(path: String, reason: String)

    public var description: String {
        switch self {
        case .notELF(script: true): "a script, not an ELF file"
        case .notELF(script: false): "not an ELF file"
        case .damaged(let what): "a damaged ELF file: \(what)"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        }
    }
}
