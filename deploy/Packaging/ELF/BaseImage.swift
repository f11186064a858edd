/// What a Lambda runtime without a language brings along: the libraries a `bootstrap` may need.
public struct BaseImage: Equatable, Sendable {
    /// The name of the runtime, as in `CreateFunction`.
    public var runtime: String
    public var glibc: GlibcVersion
    /// Names as in `DT_NEEDED`, without those of the loader.
    public var libraries: Set<String>
    /// What scripts can be for: programs in `/bin`, which is `/usr/bin`.
    public var interpreters: Set<String> = ["sh", "bash"]

    public init(runtime: String, glibc: GlibcVersion, libraries: Set<String>) {
        self.runtime = runtime
        self.glibc = glibc
        self.libraries = libraries
    }

    /// Amazon Linux 2023: glibc 2.34 and what its package manager and `curl-minimal` need.
    public static let al2023 = BaseImage(
        runtime: "provided.al2023", glibc: GlibcVersion(2, 34),
        libraries: glibcLibraries.union([
            "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "libcurl.so.4", "libssl.so.3", "libcrypto.so.3",
            "libnghttp2.so.14",
        ]))

    private static let glibcLibraries: Set<String> = [
        "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2",
        "libutil.so.1", "libanl.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
    ]

    /// GCC 11's, which comes before any that a package holds.
    private static let libstdcxx = "libstdc++.so.6"
    private static let newestOfLibstdcxx = [
        "GLIBCXX_": GlibcVersion(3, 4, 29), "CXXABI_": GlibcVersion(1, 3, 13),
    ]

    /// Why a program would not start there.
    public enum Obstacle: Equatable, Sendable, CustomStringConvertible {
        /// Only 64-bit executables of x86_64 and arm64 start on Lambda.
        case notAProgram(String)
        case wrongMachine(ELFFile.Machine, wanted: ELFFile.Machine)
        case glibcTooOld(needed: GlibcVersion, there: GlibcVersion)
        /// Neither in the base image nor in the package.
        case missingLibrary(String)
        /// The versions of symbols that are needed of it, and the newest that there is.
        case libraryTooOld(String, needed: String, there: String)

        public var description: String {
            switch self {
            case .notAProgram(let what): "it is \(what), not a program for Linux of 64 bits"
            case .wrongMachine(let machine, let wanted): "it is for \(machine), the function for \(wanted)"
            case .glibcTooOld(let needed, let there): "it needs glibc \(needed); there is \(there)"
            case .missingLibrary(let name): "it needs \(name), which is not there"
            case .libraryTooOld(let name, let needed, let there):
                "it needs \(needed) of \(name), which has no more than \(there)"
            }
        }
    }

    /// Everything that keeps `program` from starting; empty when nothing does.
    ///
    /// - Parameters:
    ///   - architecture: of the function, as configured.
    ///   - packaged: names of libraries in the zip's `lib` folder, which Lambda has in `LD_LIBRARY_PATH`
    ///     (`/var/task/lib`), or at its root (`/var/task`).
    public func obstacles(
        to program: ELFFile, architecture: ELFFile.Machine = .amd64, packaged: Set<String> = []
    ) -> [Obstacle] {
        guard program.wordSize == .bits64 else { return [.notAProgram("an ELF file of 32 bits")] }
        if case .other(let number) = program.kind { return [.notAProgram("an ELF file of type \(number)")] }
        var found: [Obstacle] = []
        if program.machine != architecture {
            found.append(.wrongMachine(program.machine, wanted: architecture))
        }
        if let floor = program.glibcFloor, floor > glibc {
            found.append(.glibcTooOld(needed: floor, there: glibc))
        }
        for library in program.libraries where !libraries.contains(library) && !packaged.contains(library) {
            found.append(.missingLibrary(library))
        }
        if libraries.contains(Self.libstdcxx) { found += Self.newerThanLibstdcxx(program) }
        return found
    }

    private static func newerThanLibstdcxx(_ program: ELFFile) -> [Obstacle] {
        newestOfLibstdcxx.sorted { $0.key < $1.key }.compactMap { prefix, newest in
            let needed = program.versionNeeds.lazy.filter { $0.library == libstdcxx && !$0.isWeak }
                .compactMap { GlibcVersion(symbol: $0.version, prefix: prefix) }.max()
            guard let needed, needed > newest else { return nil }
            return .libraryTooOld(libstdcxx, needed: "\(prefix)\(needed)", there: "\(prefix)\(newest)")
        }
    }
}
