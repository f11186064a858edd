import Bytes
import Foundation
import Packaging
import Testing

/// A folder of its own for each test, removed with it.
private final class Workshop {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "packaging-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ content: String, mode: Int = 0o644) throws -> String {
        let file = path + "/" + name
        try Data(content.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// What Python's zipfile, an independent reader, finds: one line an entry.
private func listing(_ zip: String) throws -> [String] {
    let script = """
        import sys, zipfile
        with zipfile.ZipFile(sys.argv[1]) as z:
            assert z.testzip() is None
            for i in z.infolist():
                print(i.filename, oct(i.external_attr >> 16), i.create_system, i.date_time, i.compress_type,
                      len(i.extra), z.read(i).decode())
        """
    let result = try run("python3", ["-c", script, zip])
    try #require(result.status == 0, "\(result.output)")
    return result.output.split(separator: "\n").map(String.init)
}

@Suite struct FunctionPackageTests {
    @Test func bootstrapIsExecutableAndEverythingIsFixed() throws {
        let shop = try Workshop()
        let program = try shop.file("weather", "program", mode: 0o700)
        let data = try shop.file("data", "text", mode: 0o600)
        let tool = try shop.file("tool", "tool", mode: 0o744)
        let zip = shop.path + "/weather.zip"

        let sizes = try FunctionPackage.write(
            executable: program, to: zip,
            extraFiles: [("z/tool", tool), ("Ümlaut.txt", data), ("a.txt", data)])

        #expect(sizes.program == Array("program".utf8))
        #expect(sizes.unzippedBytes == 7 + 4 + 4 + 4)
        #expect(sizes.zippedBytes == (try Data(contentsOf: URL(fileURLWithPath: zip))).count)
        #expect(
            try listing(zip) == [
                "a.txt 0o100644 3 (1980, 1, 1, 0, 0, 0) 8 0 text",
                "bootstrap 0o100755 3 (1980, 1, 1, 0, 0, 0) 8 0 program",
                "z/tool 0o100755 3 (1980, 1, 1, 0, 0, 0) 8 0 tool",
                "Ümlaut.txt 0o100644 3 (1980, 1, 1, 0, 0, 0) 8 0 text",
            ])
        #expect(try run("unzip", ["-t", zip]).status == 0)
        #expect(try shop.names == ["data", "tool", "weather", "weather.zip"])
    }

    @Test func sameInputGivesSameBytesWhateverTheDatesAndTheOrder() throws {
        let shop = try Workshop()
        let program = try shop.file("p", String(repeating: "abcdefgh", count: 20_000), mode: 0o755)
        let extra = try shop.file("e", "extra")
        _ = try FunctionPackage.write(
            executable: program, to: shop.path + "/1.zip", extraFiles: [("x", extra), ("y", extra)])
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: program)
        _ = try FunctionPackage.write(
            executable: program, to: shop.path + "/2.zip", extraFiles: [("y", extra), ("x", extra)])

        let first = try Data(contentsOf: URL(fileURLWithPath: shop.path + "/1.zip"))
        #expect(first == (try Data(contentsOf: URL(fileURLWithPath: shop.path + "/2.zip"))))
        #expect(first.count < 5_000)
    }

    @Test func anOlderPackageIsReplaced() throws {
        let shop = try Workshop()
        let zip = try shop.file("f.zip", "not a zip at all")
        _ = try FunctionPackage.write(executable: try shop.file("p", "new"), to: zip)
        #expect(try listing(zip) == ["bootstrap 0o100755 3 (1980, 1, 1, 0, 0, 0) 8 0 new"])
    }

    @Test func unpackedBootstrapRuns() throws {
        let shop = try Workshop()
        let program = try shop.file("p", "#!/bin/sh\necho it runs\n", mode: 0o755)
        _ = try FunctionPackage.write(executable: program, to: shop.path + "/f.zip")
        #expect(try run("unzip", ["-q", shop.path + "/f.zip", "-d", shop.path + "/task"]).status == 0)
        let answer = try run(shop.path + "/task/bootstrap", [])
        #expect(answer.output == "it runs\n")
    }

    @Test func aProgramThatIsToStayAsItIsKeepsEachByte() throws {
        let shop = try Workshop()
        var maker = ELFMaker(interpreter: nil, isDynamic: false)
        maker.loaded = ".eh_frame"
        let program = shop.path + "/p"
        try Data(maker.bytes()).write(to: URL(fileURLWithPath: program))

        let whole = try FunctionPackage.write(executable: program, to: shop.path + "/f.zip", unwinding: nil)
        #expect(whole.program == maker.bytes())
        let stripped = try FunctionPackage.write(executable: program, to: shop.path + "/f.zip")
        #expect(stripped.program.count < maker.bytes().count)
    }

    @Test func aMissingProgramIsNamed() throws {
        let shop = try Workshop()
        let gone = shop.path + "/gone"
        #expect(throws: PackagingError.unreadable(path: gone, reason: "No such file or directory")) {
            try FunctionPackage.write(executable: gone, to: shop.path + "/f.zip")
        }
        #expect(throws: PackagingError.unreadable(path: shop.path, reason: "not a regular file")) {
            try FunctionPackage.write(executable: shop.path, to: shop.path + "/f.zip")
        }
        #expect(try shop.names == [])
    }

    @Test func anUnwritableTargetIsNamedAndNothingIsLeft() throws {
        let shop = try Workshop()
        let program = try shop.file("p", "p")
        let nowhere = shop.path + "/no/such/f.zip"
        #expect(throws: PackagingError.unwritable(path: nowhere, reason: "No such file or directory")) {
            try FunctionPackage.write(executable: program, to: nowhere)
        }
        let folder = shop.path + "/folder"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(throws: PackagingError.unwritable(path: folder, reason: "Is a directory")) {
            try FunctionPackage.write(executable: program, to: folder)
        }
        #expect(try shop.names == ["folder", "p"])
    }

    @Test(arguments: ["/etc/passwd", "../up", "a/../b", "a//b", "", ".", "back\\slash", "new\nline"])
    func namesThatLeaveTheFolderAreRefused(name: String) throws {
        let shop = try Workshop()
        let program = try shop.file("p", "p")
        let error = #expect(throws: PackagingError.self) {
            try FunctionPackage.write(
                executable: program, to: shop.path + "/f.zip", extraFiles: [(name, program)])
        }
        guard case .invalidName(name, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try shop.names == ["p"])
    }

    @Test func aNameMayBeUsedOnce() throws {
        let shop = try Workshop()
        let program = try shop.file("p", "p")
        let error = PackagingError.invalidName(
            name: "bootstrap", reason: "another file already has this name")
        #expect(throws: error) {
            try FunctionPackage.write(
                executable: program, to: shop.path + "/f.zip", extraFiles: [("bootstrap", program)])
        }
    }

    /// A file system of 64 KiB; only root may mount one.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskLeavesNothingBehind() throws {
        let shop = try Workshop()
        let mount = shop.path + "/small"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        let mounted = try run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount])
        try #require(mounted.status == 0, "\(mounted.output)")
        defer { _ = try? run("umount", [mount]) }
        // A linear congruential generator (Knuth): bytes that do not compress, the same in each run.
        var state: UInt64 = 1
        let noise = (0..<1_000_000).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let program = shop.path + "/noise"
        try Data(noise).write(to: URL(fileURLWithPath: program))
        let zip = mount + "/f.zip"
        #expect(throws: PackagingError.diskFull(path: zip)) {
            try FunctionPackage.write(executable: program, to: zip)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == [])
    }
}
