import Packaging
import Seeded
import Testing

@Suite struct ELFFileTests {
    @Test(arguments: [ELFMaker(), ELFMaker(isLittleEndian: false), ELFMaker(isWide: false)])
    func aDynamicProgramNamesItsLibrariesVersionsAndInterpreter(maker: ELFMaker) throws {
        var maker = maker
        maker.libraries = ["libcurl.so.4", "libc.so.6"]
        maker.versions = [
            ("libc.so.6", ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_PRIVATE"]), ("libcurl.so.4", ["CURL_4"]),
        ]
        maker.runPath = "$ORIGIN/lib:/opt/lib"

        let file = try ELFFile(bytes: maker.bytes())

        #expect(file.wordSize == (maker.isWide ? .bits64 : .bits32))
        #expect(file.isLittleEndian == maker.isLittleEndian)
        #expect(file.machine == .amd64)
        #expect(file.kind == .sharedObject)
        #expect(file.interpreter == "/lib64/ld-linux-x86-64.so.2")
        #expect(file.libraries == ["libcurl.so.4", "libc.so.6"])
        #expect(
            file.versionNeeds == [
                .init(library: "libc.so.6", version: "GLIBC_2.2.5"),
                .init(library: "libc.so.6", version: "GLIBC_2.34"),
                .init(library: "libc.so.6", version: "GLIBC_PRIVATE"),
                .init(library: "libcurl.so.4", version: "CURL_4"),
            ])
        #expect(file.glibcFloor == GlibcVersion(2, 34))
        #expect(file.runPaths == ["$ORIGIN/lib", "/opt/lib"])
        #expect(!file.isStatic)
        #expect(file.isStripped)
    }

    @Test func aStaticProgramNeedsNothing() throws {
        let file = try ELFFile(
            bytes: ELFMaker(machine: 183, kind: 2, interpreter: nil, isDynamic: false).bytes())
        #expect(file.isStatic)
        #expect(file.machine == .arm64)
        #expect(file.kind == .executable)
        #expect(file.glibcFloor == nil)
    }

    @Test func aVersionThatIsOnlyWishedForSetsNoFloor() throws {
        var maker = ELFMaker()
        maker.versions = [("libc.so.6", ["GLIBC_2.17", "GLIBC_2.38"])]
        maker.weakVersions = ["GLIBC_2.38"]
        let file = try ELFFile(bytes: maker.bytes())
        #expect(file.versionNeeds.map(\.isWeak) == [false, true])
        #expect(file.glibcFloor == GlibcVersion(2, 17))
    }

    @Test func aTableOfSymbolsMeansNotStripped() throws {
        #expect(try !ELFFile(bytes: ELFMaker(hasSymbols: true).bytes()).isStripped)
    }

    /// The linker's work, not this test's: what is read of it agrees with what was loaded for it.
    @Test func thisProgramNeedsGlibc() throws {
        let file = try ELFFile(path: "/proc/self/exe")
        #expect(file.wordSize == .bits64)
        #expect(file.libraries.contains("libc.so.6"))
        #expect(file.interpreter?.contains("ld-linux") == true)
        let floor = try #require(file.glibcFloor)
        #expect(floor < GlibcVersion(3, 0))
        #expect(floor >= GlibcVersion(2, 2, 5))
    }

    @Test func whatIsNoELFFileIsSaidToBeNone() {
        #expect(throws: ELFError.notELF(script: true)) {
            try ELFFile(bytes: Array("#!/bin/sh\necho hello\n".utf8))
        }
        #expect(throws: ELFError.notELF(script: false)) { try ELFFile(bytes: [0x7f, 0x45, 0x4c]) }
        #expect(throws: ELFError.notELF(script: false)) { try ELFFile(bytes: []) }
        #expect(throws: ELFError.notELF(script: false)) { try ELFFile(path: "/dev/../etc/passwd") }
        #expect(throws: ELFError.unreadable(path: "/", reason: "not a regular file")) {
            try ELFFile(path: "/")
        }
        #expect(throws: ELFError.unreadable(path: "/no/such", reason: "No such file or directory")) {
            try ELFFile(path: "/no/such")
        }
    }

    @Test func aFileThatEndsTooEarlyIsDamaged() throws {
        var maker = ELFMaker()
        maker.libraries = ["libc.so.6"]
        maker.versions = [("libc.so.6", ["GLIBC_2.34"])]
        let whole = maker.bytes()
        // The last byte but one ends the last name that is used.
        for count in 20..<(whole.count - 1) {
            let error = #expect(throws: ELFError.self) { try ELFFile(bytes: Array(whole[..<count])) }
            guard case .damaged = error else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                return
            }
        }
    }

    @Test func damageIsReadOrRefusedButNeverLeadsOutsideOfTheFile() {
        var random = SeededRandom.fresh("damaged ELF files")
        var maker = ELFMaker()
        maker.libraries = ["libc.so.6", "libm.so.6"]
        maker.versions = [("libc.so.6", ["GLIBC_2.34"]), ("libm.so.6", ["GLIBC_2.29"])]
        let whole = maker.bytes()
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 16..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            do { _ = try ELFFile(bytes: bytes) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test(arguments: [
        ("GLIBC_2.34", GlibcVersion(2, 34)), ("GLIBC_2.2.5", GlibcVersion(2, 2, 5)), ("GLIBC_PRIVATE", nil),
        ("GLIBC_ABI_DT_RELR", nil), ("GLIBCXX_3.4.30", nil), ("GLIBC_2", nil), ("GLIBC_2.+3", nil),
        ("GLIBC_2.", nil),
    ])
    func versionsOfGlibcAreReadFromTheirSymbols(symbol: String, version: GlibcVersion?) {
        #expect(GlibcVersion(symbol: symbol) == version)
    }

    @Test func versionsAreOrderedAsNumbers() {
        #expect(GlibcVersion(2, 9) < GlibcVersion(2, 34))
        #expect(GlibcVersion(2, 2, 5) < GlibcVersion(2, 3))
        #expect(GlibcVersion(2, 34).description == "2.34")
        #expect(GlibcVersion(2, 2, 5).description == "2.2.5")
    }
}

@Suite struct BaseImageTests {
    private let image = BaseImage.al2023

    @Test func nothingKeepsAStaticProgramFromStarting() throws {
        let file = try ELFFile(bytes: ELFMaker(kind: 2, interpreter: nil, isDynamic: false).bytes())
        #expect(image.obstacles(to: file) == [])
    }

    @Test func allObstaclesAreNamed() throws {
        var maker = ELFMaker(machine: 183)
        maker.libraries = ["libfoo.so.1", "libbar.so.2", "libc.so.6"]
        maker.versions = [("libc.so.6", ["GLIBC_2.38"])]
        let file = try ELFFile(bytes: maker.bytes())
        #expect(
            image.obstacles(to: file, architecture: .amd64, packaged: ["libbar.so.2"]) == [
                .wrongMachine(.arm64, wanted: .amd64),
                .glibcTooOld(needed: GlibcVersion(2, 38), there: GlibcVersion(2, 34)),
                .missingLibrary("libfoo.so.1"),
            ])
        #expect(
            image.obstacles(to: file, architecture: .arm64).map(\.description) == [
                "it needs glibc 2.38; there is 2.34", "it needs libfoo.so.1, which is not there",
                "it needs libbar.so.2, which is not there",
            ])
    }

    @Test func aNewerCPlusPlusLibraryIsAnObstacle() throws {
        var maker = ELFMaker()
        maker.libraries = ["libstdc++.so.6"]
        maker.versions = [("libstdc++.so.6", ["GLIBCXX_3.4.29", "CXXABI_1.3.13", "GLIBCXX_LDBL_3.4"])]
        #expect(image.obstacles(to: try ELFFile(bytes: maker.bytes())) == [])
        maker.versions = [("libstdc++.so.6", ["GLIBCXX_3.4.30", "GLIBCXX_3.4.9", "CXXABI_1.3.9"])]
        #expect(
            image.obstacles(to: try ELFFile(bytes: maker.bytes())).map(\.description) == [
                "it needs GLIBCXX_3.4.30 of libstdc++.so.6, which has no more than GLIBCXX_3.4.29"
            ])
    }

    @Test func whatIsNoProgramOfSixtyFourBitsIsSaidToBeNone() throws {
        let narrow = try ELFFile(bytes: ELFMaker(isWide: false).bytes())
        #expect(image.obstacles(to: narrow) == [.notAProgram("an ELF file of 32 bits")])
        let object = try ELFFile(bytes: ELFMaker(kind: 1).bytes())
        #expect(image.obstacles(to: object) == [.notAProgram("an ELF file of type 1")])
    }
}
