import Bytes
import Clock
import Store
import Testing

@testable import Objects

/// Restores, and what becomes of them when their days are over.
@Suite struct RestoreObjectTests {
    private func bench() async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [("x-amz-storage-class", "GLACIER")], "cold".bytes)
        return bench
    }

    private func restore(_ bench: ObjectsBench, days: Int) async throws -> Int {
        try await bench.send(
            "POST", "/bucket/k?restore", [], "<RestoreRequest><Days>\(days)</Days></RestoreRequest>".bytes
        ).status
    }

    @Test func aRestoredCopyIsReadUntilItGoes() async throws {
        let bench = try await bench()
        #expect(try await bench.send("GET", "/bucket/k").status == 403)
        #expect(try await restore(bench, days: 2) == 202)
        let answer = try await bench.send("GET", "/bucket/k")
        #expect(answer.text == "cold")
        #expect(
            answer.headers["x-amz-restore"]
                == "ongoing-request=\"false\", expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\"")
        bench.clock.set(try #require(Timestamp(iso8601: "2026-01-05T00:00:00Z")))
        #expect(try await bench.send("GET", "/bucket/k").status == 403)
        #expect(try await bench.send("HEAD", "/bucket/k").headers["x-amz-restore"] == nil)
    }

    @Test func aSecondRestoreLastsFromNow() async throws {
        let bench = try await bench()
        #expect(try await restore(bench, days: 2) == 202)
        await bench.wait(days: 1)
        #expect(try await restore(bench, days: 5) == 200)
        let until = try bench.versions("k").first?.restoredUntil
        #expect(until == Timestamp(iso8601: "2026-01-09T00:00:00Z"))
        await bench.wait(days: 3)
        #expect(try await bench.service.runLifecycle().restoresEnded == 1, "only the note of the first")
        #expect(try await bench.send("GET", "/bucket/k").status == 200)
    }

    @Test func theSweepTidiesUp() async throws {
        let bench = try await bench()
        #expect(try await restore(bench, days: 1) == 202)
        await bench.wait(days: 3)
        await bench.service.tick()
        await bench.service.core.work.finish()
        #expect(try bench.versions("k").first?.restoredUntil == nil)
        let range = StorageKeys.restores(until: bench.clock.now)
        try bench.store.read { snapshot in
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { _, _ in
                Issue.record("a note is left")
                return false
            }
        }
    }

    @Test func aDeletedObjectLeavesNothingToTidyUp() async throws {
        let bench = try await bench()
        #expect(try await restore(bench, days: 1) == 202)
        try await bench.send("DELETE", "/bucket/k")
        await bench.wait(days: 3)
        #expect(try await bench.service.runLifecycle().restoresEnded == 1)
    }

    @Test func aRestoredObjectIsCopied() async throws {
        let bench = try await bench()
        #expect(try await restore(bench, days: 1) == 202)
        let answer = try await bench.send("PUT", "/bucket/copy", [("x-amz-copy-source", "/bucket/k")])
        #expect(answer.status == 200)
        #expect(try await bench.send("GET", "/bucket/copy").text == "cold")
        #expect(try bench.storageClass("copy") == "STANDARD")
    }
}
