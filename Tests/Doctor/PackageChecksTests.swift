import Foundation
import Packaging
import Testing

@testable import Doctor

@Suite struct PackageChecksTests {
    private static let script = Array("#!/bin/sh\n".utf8)

    private func findings(
        bootstrap: [UInt8]? = script, mode: UInt32? = 0o755, name: String = "bootstrap", zipped: Int = 100,
        more: [PackageContents.Entry] = [], architecture: String = "x86_64",
        libraries: [String: [UInt8]] = [:]
    ) -> [Finding] {
        let entries = [PackageContents.Entry(name: name, size: bootstrap?.count ?? 0, mode: mode)] + more
        let contents = PackageContents(
            zippedBytes: zipped, entries: entries, bootstrap: name == "bootstrap" ? bootstrap : nil,
            libraries: libraries)
        return PackageChecks.findings(contents, subject: "a.zip", architecture: architecture)
    }

    @Test func aScriptThatMayBeExecutedHasNoFinding() { #expect(findings().isEmpty) }

    @Test(arguments: [0o644 as UInt32, 0o400, 0])
    func aBootstrapThatNobodyMayExecuteIsAnError(mode: UInt32) {
        let found = findings(mode: mode)
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.remedy.contains("chmod 755") == true)
    }

    @Test(arguments: [0o700 as UInt32, 0o750])
    func oneThatOnlyItsOwnerMayExecuteIsAnError(mode: UInt32) {
        let found = findings(mode: mode)
        #expect(found.count == 1 && found[0].problem.contains("Only its owner"))
    }

    @Test(arguments: [
        "#!/bin/sh", "#! /usr/bin/bash -e", "#!/usr/bin/env bash", "#!/usr/bin/env -S bash -e",
        "#!/opt/bin/node",
        "#!/var/task/python3 -u",
    ])
    func scriptsForWhatIsThereAreFine(line: String) {
        #expect(findings(bootstrap: Array("\(line)\n".utf8)).isEmpty)
    }

    @Test(arguments: ["#!/usr/bin/python3", "#!/usr/bin/env node", "#!/usr/local/bin/bash", "#!"])
    func othersAreErrorsThatNameTheInterpreter(line: String) {
        let found = findings(bootstrap: Array("\(line)\n".utf8))
        #expect(found.count == 1 && found[0].problem.contains("'\(line.dropFirst(2))'"))
    }

    @Test func windowsLineEndsAreAnError() {
        let found = findings(bootstrap: Array("#!/bin/sh\r\necho\r\n".utf8))
        #expect(found.map(\.remedy) == ["Save it with Unix line ends."])
    }

    @Test func aZipWithoutUnixPermissionsIsAnError() {
        #expect(findings(mode: nil).first?.problem.contains("without Unix permissions") == true)
    }

    @Test func aBootstrapInAFolderIsNamed() {
        #expect(findings(name: "release/bootstrap").first?.problem.contains("only release/bootstrap") == true)
    }

    @Test func limitsAreThoseOfLambda() {
        #expect(findings(zipped: 50 * 1_048_576).isEmpty)
        #expect(findings(zipped: 50 * 1_048_576 + 1).count == 1)
        let rest = 250 * 1_048_576 - Self.script.count
        #expect(findings(more: [.init(name: "data", size: rest, mode: 0o644)]).isEmpty)
        #expect(findings(more: [.init(name: "data", size: rest + 1, mode: 0o644)]).count == 1)
    }

    @Test func whatIsNeitherAProgramNorAScriptIsAnError() {
        #expect(findings(bootstrap: Array("hello".utf8)).map(\.severity) == [.error])
    }

    @Test func aProgramOfAnotherProcessorIsAnErrorThatNamesBoth() throws {
        let own = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"))
        #if arch(x86_64)
            let (here, other) = ("x86_64", "arm64")
        #else
            let (here, other) = ("arm64", "x86_64")
        #endif
        func names(_ architecture: String) -> Bool {
            findings(bootstrap: Array(own), architecture: architecture).contains {
                $0.problem.contains("it is for")
            }
        }
        #expect(names(other))
        #expect(!names(here))
    }

    @Test func aFileThatIsNoZipSaysSo() throws {
        let path = NSTemporaryDirectory() + UUID().uuidString
        try Data("no zip".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: PackageContents.Unreadable.self) { try PackageContents(reading: path) }
    }
}
