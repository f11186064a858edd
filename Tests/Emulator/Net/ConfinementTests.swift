import Foundation
import Glibc
import Net
import Testing
import Waiting

// Testing has a type of this name, too.
private typealias ExitStatus = Net.ExitStatus

/// Processes in a file system of their own. Where the kernel refuses that, there is nothing to be seen.
@Suite struct ConfinementTests {
    private struct Ended: Sendable {
        var status: ExitStatus
        var output: String
        var files: ProcessFiles?
    }

    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "confinement-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func confinement(_ root: String, more: [Confinement.Entry] = []) -> Confinement {
        var entries: [Confinement.Entry] = ["bin", "lib", "lib64", "usr", "etc"].compactMap { name in
            if let text = Files.linkText("/\(name)") { return .link(to: text, at: name) }
            return Files.isDirectory("/\(name)") ? .folder("/\(name)", at: name) : nil
        }
        entries += [.folder("/proc", at: "proc"), .empty("dev"), .file("/dev/null", at: "dev/null")]
        return Confinement(
            files: .init(
                root: root, entries: entries + more, temporaryBytes: 1 << 20, user: 993, group: 990),
            limits: [.init(.openFiles, 64)])
    }

    /// - Parameter isKilled: what does not end by itself is, once it has written something.
    @EventLoop private static func run(
        _ script: String, _ confinement: Confinement, isKilled: Bool = false
    ) async throws -> Ended {
        var output = ""
        var files: ProcessFiles?
        var started: ChildProcess?
        let status = try await withCheckedThrowingContinuation { continuation in
            do throws(NetError) {
                let process = try ChildProcess(
                    ChildProcess.Options(
                        executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH=/usr/bin:/bin"],
                        workingDirectory: "/tmp", confinement: confinement),
                    onOutput: { _, bytes in
                        output += String(decoding: bytes, as: UTF8.self)
                        if isKilled { started?.kill(SIGKILL) }
                    },
                    onExit: { continuation.resume(returning: $0) })
                files = process.files
                started = process
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return Ended(status: status, output: output, files: files)
    }

    private func inside(
        _ script: String, _ more: [Confinement.Entry] = [], isKilled: Bool = false
    ) async throws -> Ended? {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let confinement = Self.confinement(root, more: more)
        guard await confinement.refusal() == nil else { return nil }
        return try await Self.run(script, confinement, isKilled: isKilled)
    }

    @Test func itSeesWhatItWasGiven() async throws {
        guard let ended = try await inside("id -u; pwd; ls /; echo own > /tmp/x; cat /tmp/x") else { return }
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["993", "/tmp"])
        #expect(!lines.contains("home") && !lines.contains("root") && lines.contains("tmp"))
        #expect(lines.last == "own")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/x"))
    }

    @Test func allButTemporaryFilesAreReadOnly() async throws {
        guard let ended = try await inside("touch /x /usr/x /dev/x 2>&1")
        else {
            return
        }
        #expect(ended.output.components(separatedBy: "Read-only file system").count == 4)
    }

    @Test func temporaryFilesAreBounded() async throws {
        guard
            let ended = try await inside(
                "head -c 3000000 /dev/zero > /tmp/x 2>&1; wc -c < /tmp/x",
                [
                    .file("/dev/zero", at: "dev/zero")
                ])
        else { return }
        #expect(ended.output.contains("1048576"))
    }

    @Test func aFileOfTheHostCanStandAnywhere() async throws {
        let host = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: host) }
        try Data("from the host\n".utf8).write(to: URL(fileURLWithPath: host + "/file"))
        guard let ended = try await inside("cat /a/b", [.empty("a"), .file(host + "/file", at: "a/b")]) else {
            return
        }
        #expect(ended.output == "from the host\n")
    }

    @Test func howItEndedIsTold() async throws {
        #expect(try await inside("exit 7")?.status ?? .init(code: 7, signal: 0) == .init(code: 7, signal: 0))
        let killed = ExitStatus(code: 0, signal: Int(SIGKILL))
        #expect(try await inside("kill -9 $$")?.status ?? killed == killed)
    }

    @Test func limitsHold() async throws {
        guard let ended = try await inside("ulimit -n; ulimit -Hn") else { return }
        #expect(ended.output == "64\n64\n")
    }

    @Test func alsoWithoutFilesOfItsOwn() async throws {
        let ended = try await Self.run(
            "pwd; ulimit -n; grep NoNewPrivs /proc/self/status",
            Confinement(files: nil, limits: [.init(.openFiles, 32)]))
        #expect(ended.output == "/tmp\n32\nNoNewPrivs:\t1\n")
        #expect(ended.files == nil)
    }

    @Test func aLaterProcessFindsTheFilesOfAnEarlierOne() async throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        var confinement = Self.confinement(root)
        guard await confinement.refusal() == nil else { return }
        let first = try await Self.run(
            "echo kept > /tmp/note; echo done; sleep 600", confinement, isKilled: true)
        confinement.earlier = first.files
        #expect(first.files != nil)
        let second = try await Self.run("cat /tmp/note; id -u", confinement)
        #expect(second.output == "kept\n993\n")
        #expect(second.files?.number == first.files?.number)
    }

    @Test func strayProcessesAreFoundByTheirFiles() async throws {
        // The shell's own end takes the stray one not along, which is in a session of its own by then.
        let script =
            """
            setsid sleep 600 > /dev/null 2>&1 &
            until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
            echo $!
            sleep 600
            """
        guard let ended = try await inside(script, isKilled: true) else { return }
        let files = try #require(ended.files)
        let pid = try #require(Int32(ended.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, 0) == 0)
        ProcessFiles.killAll(in: [files.number])
        let isGone = await eventually {
            let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            return status.isEmpty || status.contains(") Z ")
        }
        #expect(isGone)
    }

    // MARK: - Processes of its own

    private func withOwnProcesses(_ body: (Confinement) async throws -> Void) async throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        var confinement = Self.confinement(root)
        confinement.files?.entries.removeAll { $0.target == "proc" }
        confinement.files?.entries.append(.processList(at: "proc"))
        confinement.files?.hasOwnProcesses = true
        guard await confinement.refusal() == nil else { return }
        try await body(confinement)
    }

    @Test func itSeesItsOwnProcessesAlone() async throws {
        try await withOwnProcesses { confinement in
            let ended = try await Self.run("echo $$; echo /proc/[0-9]*; cat /proc/1/comm", confinement)
            #expect(ended.output == "2\n/proc/1 /proc/2\ncat\n")
            #expect(ended.status == .init(code: 0, signal: 0))
            #expect(ended.files?.keeper != nil)
        }
    }

    @Test(arguments: [("exit 7", 7, 0), ("kill -9 $$", 0, SIGKILL), ("kill -15 $$", 0, SIGTERM)])
    func itEndsAsElsewhere(_ script: String, _ code: Int, _ signal: Int32) async throws {
        try await withOwnProcesses { confinement in
            let ended = try await Self.run(script, confinement)
            #expect(ended.status == .init(code: code, signal: Int(signal)))
        }
    }

    @Test func aLaterProcessSeesAnEarlierOne() async throws {
        try await withOwnProcesses { confinement in
            var confinement = confinement
            let first = try await Self.run(
                """
                echo kept > /tmp/note; setsid sleep 600 > /dev/null 2>&1 &
                until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
                """, confinement)
            confinement.earlier = first.files
            let second = try await Self.run("cat /tmp/note; cat /proc/[0-9]*/comm", confinement)
            #expect(
                second.output.hasPrefix("kept\n") && second.output.contains("sleep\n"), "\(second.output)")
            await first.files?.killAll()
            let isGone = try await eventually {
                try await !Self.run("cat /proc/[0-9]*/comm", confinement).output.contains("sleep")
            }
            #expect(isGone, "it is reaped as well, and the one that keeps the others lives")
        }
    }

    @Test func allEndWithTheOneThatKeepsThem() async throws {
        try await withOwnProcesses { confinement in
            var files: ProcessFiles?
            let ended = try await Self.run("setsid sleep 600 > /dev/null 2>&1 & sleep 0.1", confinement)
            files = ended.files
            let keeper = try #require(files?.keeper)
            #expect(kill(keeper, 0) == 0)
            let isEnded = await files?.end()
            #expect(isEnded == true)
            let isGone = await eventually { await files?.isGone == true }
            #expect(isGone)
            var later = confinement
            later.earlier = files
            await #expect(throws: NetError.self) { _ = try await Self.run("true", later) }
        }
    }

    @Test func theKeeperEndsWhenNobodyHoldsIt() async throws {
        try await withOwnProcesses { confinement in
            let keeper = try #require(try await Self.run("true", confinement).files?.keeper)
            #expect(await eventually { kill(keeper, 0) != 0 })
        }
    }

    @Test func whatCannotBeMadeIsNamed() async throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let confinement = Self.confinement(root, more: [.folder("/no/such", at: "missing")])
        #expect(await confinement.refusal() != nil)
        await #expect(throws: NetError.self) { _ = try await Self.run("true", confinement) }
    }

    @Test func aMissingProgramIsNamed() async throws {
        await #expect(
            throws: NetError.spawnFailed(executable: "/no/such", reason: "no such file or directory")
        ) {
            try await Self.start("/no/such")
        }
    }

    @EventLoop private static func start(_ program: String) async throws {
        _ = try ChildProcess(
            ChildProcess.Options(executable: program, confinement: Confinement(files: nil)),
            onOutput: { _, _ in }, onExit: { _ in })
    }
}
