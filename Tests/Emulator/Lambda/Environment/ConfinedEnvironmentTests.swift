import Foundation
import Net
import Testing

@testable import Lambda

/// What a function sees, and what it may use.
@Suite struct ConfinedEnvironmentTests {
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "confined-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/task", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: path + "/layer", withIntermediateDirectories: true)
        return path
    }

    private func files(_ definition: FunctionDefinition) -> FunctionFiles { FunctionFiles(definition) }

    @Test func aProgramAmongOthersIsShownAlone() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Workshop.write("#!/bin/sh\n", to: folder + "/tool", mode: 0o755)
        let files = files(FunctionDefinition(name: "f", executablePath: folder + "/tool"))
        #expect(files.bootstrap == .init(inside: "/var/task/bootstrap", host: folder + "/tool"))
        #expect(
            files.entries == [
                .empty("var/task"), .file(folder + "/tool", at: "var/task/bootstrap"), .empty("opt"),
            ])
    }

    @Test func aProgramCalledBootstrapBringsItsFolder() {
        let files = files(FunctionDefinition(name: "f", executablePath: "/some/where/bootstrap"))
        #expect(files.task == .init(inside: "/var/task", host: "/some/where"))
        #expect(files.entries == [.folder("/some/where", at: "var/task"), .empty("opt")])
    }

    @Test func aLayersBootstrapStandsInForAMissingOne() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Workshop.write("#!/bin/sh\n", to: folder + "/layer/bootstrap", mode: 0o755)
        var definition = FunctionDefinition(name: "f", executablePath: folder + "/task/bootstrap")
        definition.taskFolder = folder + "/task"
        definition.layerFolder = folder + "/layer"
        #expect(
            files(definition).bootstrap
                == .init(inside: "/opt/bootstrap", host: folder + "/layer/bootstrap"))
        try Workshop.write("#!/bin/sh\n", to: folder + "/task/bootstrap", mode: 0o755)
        #expect(
            files(definition).bootstrap
                == .init(inside: "/var/task/bootstrap", host: folder + "/task/bootstrap"))
        #expect(
            files(definition).entries == [
                .folder(folder + "/task", at: "var/task"), .folder(folder + "/layer", at: "opt"),
            ])
    }

    @Test func aProgramBesideTheCodeIsTheRuntime() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Workshop.write("#!/bin/sh\n", to: folder + "/python", mode: 0o755)
        var definition = FunctionDefinition(name: "f", executablePath: folder + "/python")
        definition.taskFolder = folder + "/task"
        #expect(files(definition).bootstrap.inside == "/var/runtime/bootstrap")
    }

    @Test func foldersAboveAnEntryComeBeforeIt() {
        var known: Set<String> = [""]
        for entry in FunctionFiles.shared() {
            let parent = entry.target.split(separator: "/").dropLast().joined(separator: "/")
            #expect(known.contains(parent), "\(entry.target)")
            known.insert(entry.target)
        }
        #expect(known.isSuperset(of: ["usr", "etc", "proc", "dev/null", "var/runtime"]))
        #expect(known.isDisjoint(with: ["home", "root", "tmp", "opt"]))
    }

    @Test func librariesOfADynamicProgramAreFound() throws {
        // This test's own program has been linked against the toolchain's libraries.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = ProgramLibraries.folders(of: own)
        #expect(folders.allSatisfy { $0.hasPrefix("/") && Files.isDirectory($0) })
        #expect(ProgramLibraries.folders(of: "/etc/passwd") == [])
        #expect(ProgramLibraries.folders(of: "/no/such") == [])
    }

    @Test(arguments: [0, 1, 20, 63, 64, 100, 1000]) func aDamagedProgramHarmsNobody(count: Int) throws {
        let path = NSTemporaryDirectory() + "damaged-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        var bytes = [UInt8](repeating: 0xff, count: count)
        for (index, byte) in [0x7f, 0x45, 0x4c, 0x46, 2, 1].enumerated() where index < count {
            bytes[index] = UInt8(byte)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(ProgramLibraries.folders(of: path) == [])
    }

    @Test func theMemoryOfChildrenCounts() async throws {
        let own = try #require(ProcessTree.residentBytes(getpid()))
        #expect(own > 1 << 20)
        #expect(ProcessTree.residentBytes(-1) == nil)
    }

    @Test func coldStartsAreCounted() {
        var starts = ColdStarts()
        #expect(starts.last == nil && starts.quantile(0.5) == nil)
        for number in 1...1500 { starts.note(milliseconds: Double(number)) }
        starts.noteFailure()
        #expect(starts.count == 1500 && starts.failures == 1)
        #expect(starts.last == 1500)
        // The last thousand: 501 to 1500.
        #expect(starts.quantile(0.5) == 1001)
        #expect(starts.quantile(1) == 1500)
    }

    static let delays: [(Int64, Int, Int)] = [
        (0, 1769, 60), (0, 10_240, 60), (0, 128, 97), (20 << 20, 1769, 120), (1 << 40, 1769, 810),
        (-1, 1769, 60),
    ]

    @Test(arguments: delays.indices) func theModelledDelay(row: Int) {
        let (bytes, memory, delay) = Self.delays[row]
        #expect(ColdStartModel.delayMilliseconds(codeBytes: bytes, memoryMB: memory) == delay)
    }

    @Test func processorTimeIsSavedForAMoment() {
        // Half a processor: 10 ms used in 10 ms cost 5 ms.
        #expect(CPUShare.balance(0, passed: 10_000_000, used: 10_000_000, share: 0.5) == -5e6)
        #expect(CPUShare.balance(-5e6, passed: 10_000_000, used: 0, share: 0.5) == 0)
        // Never more than the burst.
        #expect(CPUShare.balance(0, passed: 1_000_000_000, used: 0, share: 0.5) == 10e6)
    }
}
