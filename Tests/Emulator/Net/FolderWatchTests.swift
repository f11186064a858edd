import Glibc
import Net
import Synchronization
import Testing
import Waiting

@Suite struct FolderWatchTests {
    private func folder() throws -> String { try Files.makeTemporaryDirectory(in: "/tmp") }

    @EventLoop private final class Names {
        var all: Set<String> = []

        nonisolated init() {}
    }

    @Test @EventLoop func tellsWhatWasMadeWrittenAndRemoved() async throws {
        let folder = try folder()
        defer { Files.removeTree(folder) }
        let names = Names()
        let watch = try FolderWatch(folder) { names.all.insert($0) }
        defer { watch.cancel() }
        try Files.writeFile(folder + "/made", [1])
        #expect(await eventually { names.all.contains("made") })
        names.all = []
        Files.removeFile(folder + "/made")
        #expect(await eventually { names.all.contains("made") })
    }

    @Test @EventLoop func aCancelledWatchIsSilent() async throws {
        let folder = try folder()
        defer { Files.removeTree(folder) }
        let (first, second) = (Names(), Names())
        let cancelled = try FolderWatch(folder) { first.all.insert($0) }
        cancelled.cancel()
        cancelled.cancel()
        let other = try FolderWatch(folder) { second.all.insert($0) }
        defer { other.cancel() }
        try Files.writeFile(folder + "/made", [1])
        #expect(await eventually { second.all.contains("made") })
        #expect(first.all.isEmpty)
    }

    @Test @EventLoop func aMissingFolderIsAnErrorWithItsName() throws {
        let error = #expect(throws: SystemError.self) { try FolderWatch("/no/such/folder") { _ in } }
        #expect(error?.description.contains("/no/such/folder") == true)
        #expect(error?.code == ENOENT)
    }
}

@Suite struct CopyTests {
    @Test func aCopyHasContentAndPermissions() throws {
        let folder = try Files.makeTemporaryDirectory(in: "/tmp")
        defer { Files.removeTree(folder) }
        try Files.writeFile(folder + "/a", Array(repeating: 7, count: 200_000), mode: 0o755)
        try Files.copyFile(folder + "/a", to: folder + "/b")
        #expect(try Files.readFile(folder + "/b", limit: 1 << 20) == Array(repeating: 7, count: 200_000))
        #expect(Files.isExecutable(folder + "/b"))
        #expect(throws: FileError.self) { try Files.copyFile(folder + "/none", to: folder + "/c") }
    }

    @Test func aStampChangesWithTheFile() throws {
        let folder = try Files.makeTemporaryDirectory(in: "/tmp")
        defer { Files.removeTree(folder) }
        #expect(Files.stamp(folder + "/a") == nil)
        try Files.writeFile(folder + "/a", [1])
        let before = Files.stamp(folder + "/a")
        #expect(Files.stamp(folder + "/a") == before)
        try Files.writeFile(folder + "/a", [2])
        #expect(Files.stamp(folder + "/a") != before)
    }
}

@Suite struct BlockingThreadsTests {
    private final class Numbers: Sendable {
        private let numbers = Mutex<Set<Int>>([])

        func add(_ number: Int) { numbers.withLock { _ = $0.insert(number) } }

        var all: Set<Int> { numbers.withLock { $0 } }
    }

    @Test @EventLoop func allRunAtOnceAndAreAwaited() async {
        let running = Numbers()
        // Each waits for all others, which fewer threads would never reach.
        await runOnThreads(8) { number in
            running.add(number)
            _ = blocksUntil { running.all.count == 8 }
        }
        #expect(running.all.count == 8)
    }

    @Test @EventLoop func eachHasItsNumber() async {
        let numbers = Numbers()
        await runOnThreads(5) { numbers.add($0) }
        #expect(numbers.all == [0, 1, 2, 3, 4])
        await runOnThreads(0) { _ in Issue.record("there is no thread") }
    }
}
