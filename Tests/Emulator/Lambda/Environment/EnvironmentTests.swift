import Clock
import Foundation
import Net
import Signing
import Testing
import Waiting

@testable import Lambda

@Suite struct EnvironmentTests {
    static let categories: [(String?, String)] = [
        (nil, "Runtime.Unknown"), ("", "Runtime.Unknown"), ("Runtime.BadInit", "Runtime.BadInit"),
        ("Function.Bad", "Function.Bad"), ("Function.bad", "Function.Unknown"),
        ("Function.", "Function.Unknown"), ("Function.A", "Function.Unknown"),
        ("Function.A.B", "Function.Unknown"), ("Function.A1", "Function.Unknown"),
        ("MyError", "Runtime.Unknown"), ("Other.Error", "Runtime.Unknown"),
    ]

    @Test(arguments: categories.indices) func errorCategories(row: Int) {
        #expect(ErrorCategory.kept(Self.categories[row].0) == Self.categories[row].1)
    }

    @Test func peakMemoryIsThatOfTheKernel() throws {
        // From here on; this process may have held more before.
        let reset = try #require(fopen("/proc/self/clear_refs", "w"))
        fputs("5", reset)
        #expect(fclose(reset) == 0)
        var memory = PeakMemory()
        let now: UInt64 = 1_000_000_000
        let first = memory.read(pid: getpid(), now: now)
        #expect(first > 5)
        let block = [UInt8](repeating: 1, count: 64 << 20)
        #expect(block[block.count - 1] == 1)
        // Fresh: not read again. Later: the peak shows.
        #expect(memory.read(pid: getpid(), now: now + 1_000_000) == first)
        #expect(memory.read(pid: getpid(), now: now + 1_000_000_000) >= first + 30)
        #expect(PeakMemory.highWaterMark(pid: -1) == nil)
    }

    @Test func scratchFoldersAreMadeAndRemovedWithWhatIsInThem() throws {
        let parent = NSTemporaryDirectory() + "scratch-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let outside = parent + "-outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: outside) }
        try Workshop.write("", to: outside + "/kept", mode: 0o644)

        let folder = try ScratchFolder.make(below: parent + "/a/b", name: "f-1")
        try FileManager.default.createDirectory(
            atPath: folder + "/deep/er", withIntermediateDirectories: true)
        try Workshop.write("", to: folder + "/deep/file", mode: 0o644)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link", withDestinationPath: outside)
        ScratchFolder.remove(folder)
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(FileManager.default.fileExists(atPath: outside + "/kept"))
        #expect(throws: EnvironmentFailure.self) {
            try ScratchFolder.make(below: "/proc/no", name: "f")
        }
    }

    @Test func theWatchdogFollowsItsDeadline() async {
        #expect(await Self.watch() == [1, 1, 2])
    }

    /// Put off, it fires at the later time; lifted, not at all; drawn near, early.
    @EventLoop private static func watch() async -> [Int] {
        var fired = 0
        let watchdog = Watchdog { fired += 1 }
        var counts: [Int] = []
        let start = MonotonicClock.nanoseconds
        watchdog.watch(until: start + 20_000_000)
        watchdog.watch(until: start + 60_000_000)
        _ = await eventually { fired > 0 }
        counts.append(MonotonicClock.nanoseconds >= start + 60_000_000 ? fired : -1)
        watchdog.watch(until: MonotonicClock.nanoseconds + 20_000_000)
        watchdog.rest()
        await sleep(milliseconds: 50)
        counts.append(fired)
        watchdog.watch(until: MonotonicClock.nanoseconds + 3_600_000_000_000)
        watchdog.watch(until: MonotonicClock.nanoseconds + 20_000_000)
        _ = await eventually { fired == 2 }
        counts.append(fired)
        watchdog.cancel()
        return counts
    }

    /// The loop's timers count whole milliseconds and are up to one too early.
    @Test func aDeadlineIsNeverCutShort() async {
        #expect(await Self.earlyFires() == 0)
    }

    @EventLoop private static func earlyFires() async -> Int {
        var (fired, early) = (0, 0)
        for round in 1...40 {
            let deadline = MonotonicClock.nanoseconds + 2_000_000 + UInt64(round) * 37_000
            let watchdog = Watchdog {
                fired += 1
                if MonotonicClock.nanoseconds < deadline { early += 1 }
            }
            watchdog.watch(until: deadline)
            _ = await eventually { fired == round }
            watchdog.cancel()
        }
        return fired == 40 ? early : -1
    }

    /// The guard's shell kills what it was told of when our end of its socket closes, as it does on SIGKILL.
    @Test func theGuardKillsOrphans() async throws {
        let (orphan, released) = try await Self.guardTwo()
        #expect(await eventually { !isAlive(Int(orphan)) })
        #expect(isAlive(Int(released)))
        kill(released, SIGKILL)
    }

    @EventLoop private static func guardTwo() async throws -> (Int32, Int32) {
        let orphanGuard = OrphanGuard()
        orphanGuard.prepare()
        let pids = try (0..<2).map { _ in
            try ChildProcess(
                ChildProcess.Options(
                    executable: "/bin/sleep", arguments: ["60"], environment: [], workingDirectory: nil,
                    input: nil), onOutput: { _, _ in }, onExit: { _ in }
            ).pid
        }
        for pid in pids { orphanGuard.add(pid) }
        orphanGuard.remove(pids[1])
        orphanGuard.close()
        return (pids[0], pids[1])
    }
}
