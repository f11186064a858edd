import Bytes
import Clock
import Store
import Testing

@testable import Objects

/// What rules do to current objects, with a clock that only moves when told to.
@Suite struct LifecycleExpirationTests {
    private static let days = "<Filter/><Expiration><Days>3</Days></Expiration>"

    /// The bench starts on 2 January at 03:04:05: three days end on the 5th, and the next midnight is the 6th.
    @Test func daysEndAtTheMidnightAfterThem() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules(Self.days)
        bench.clock.set(try #require(Timestamp(iso8601: "2026-01-05T23:59:59Z")))
        #expect(try await bench.service.runLifecycle().buckets["bucket"]?.expired == 0)
        #expect(try await bench.exists("k"))
        bench.clock.set(try #require(Timestamp(iso8601: "2026-01-06T00:00:00Z")))
        #expect(try await bench.service.runLifecycle().buckets["bucket"]?.expired == 1)
        #expect(try await !bench.exists("k"))
    }

    @Test func theHeaderNamesTheMomentAtWhichTheObjectGoes() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.rules(Self.days)
        let answer = try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        #expect(
            answer.headers["x-amz-expiration"]
                == "expiry-date=\"Tue, 06 Jan 2026 00:00:00 GMT\", rule-id=\"r0\"")
    }

    /// S3 takes as many days as 32 bits hold. The year has more than four digits then, and is never told as another.
    @Test func theFarthestDayIsToldInFull() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.rules("<Filter/><Expiration><Days>2147483647</Days></Expiration>")
        let answer = try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        #expect(
            answer.headers["x-amz-expiration"]
                == "expiry-date=\"Sun, 13 Jul 5881636 00:00:00 GMT\", rule-id=\"r0\"")
        try await bench.pass(days: 36_500)
        #expect(try await bench.exists("k"))
    }

    @Test func asOfALaterDayWithoutWaiting() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules(Self.days)
        let later = bench.clock.now + 4 * ObjectsBench.day
        #expect(try await bench.service.runLifecycle(asOf: later).buckets["bucket"]?.expired == 1)
    }

    @Test func nothingIsDueEarlierThanNow() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules(Self.days)
        await bench.wait(days: 10)
        let early = bench.clock.now - 10 * ObjectsBench.day
        #expect(try await bench.service.runLifecycle(asOf: early).buckets["bucket"]?.expired == 1)
    }

    @Test func aDateThatHasPassed() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules("<Filter/><Expiration><Date>2026-01-01T00:00:00Z</Date></Expiration>")
        #expect(try await !bench.exists("k"), "gone soon after the rule was put")
    }

    /// Each: the filter, and which of the objects it covers.
    @Test(arguments: [
        ("<Filter><Prefix>a/</Prefix></Filter>", ["a/1"]),
        ("<Prefix>a/</Prefix>", ["a/1"]),
        ("<Filter><ObjectSizeGreaterThan>3</ObjectSizeGreaterThan></Filter>", ["large"]),
        ("<Filter><ObjectSizeLessThan>3</ObjectSizeLessThan></Filter>", ["b"]),
        (
            "<Filter><And><Prefix>a</Prefix><ObjectSizeLessThan>4</ObjectSizeLessThan></And></Filter>",
            ["a/1"]
        ),
        ("<Filter/>", ["a/1", "b", "large"]),
        ("<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>", []),
    ])
    func filters(_ filter: String, _ covered: [String]) async throws {
        let bench = try ObjectsBench()
        let keys = ["a/1", "b", "large"]
        try await bench.bucket(keys: keys)
        try await bench.rules("\(filter)<Expiration><Days>1</Days></Expiration>")
        try await bench.pass(days: 3)
        for key in keys { #expect(try await bench.exists(key) != covered.contains(key), "\(key)") }
    }

    @Test func tagsMustAllBeThere() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["both", "one", "none", "other"])
        let (a, b) = (Tag(key: "a", value: "1"), Tag(key: "b", value: "2"))
        try await bench.change("both") { $0.attributes.tags = [b, a] }
        try await bench.change("one") { $0.attributes.tags = [a] }
        try await bench.change("other") { $0.attributes.tags = [a, Tag(key: "b", value: "3")] }
        try await bench.rules(
            "<Filter><And><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></And>"
                + "</Filter><Expiration><Days>1</Days></Expiration>")
        #expect(try await bench.pass(days: 3).expired == 1)
        #expect(try await !bench.exists("both"))
    }

    @Test func aDisabledRuleDoesNothing() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules(
            "\(Self.days)".replacing("<Filter/>", with: "<Filter><Prefix>z</Prefix></Filter>"))
        #expect(try await bench.pass(days: 30).expired == 0)
    }

    @Test func theBytesGoToo() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(100_000))
        try await bench.rules(Self.days)
        try await bench.pass(days: 5)
        try await bench.expectBlobFiles(0)
    }

    @Test func versionedObjectsHideBehindAMarker() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.versioning()
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.rules(Self.days)
        #expect(try await bench.pass(days: 5).markersMade == 1)
        let versions = try bench.versions("k")
        #expect(versions.map(\.isDeleteMarker) == [true, false])
        #expect(try await bench.pass(days: 1).markersMade == 0, "a marker is no object that expires")
    }

    @Test func whileSuspendedTheNullVersionGoes() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.versioning("Suspended")
        try await bench.rules("<Filter><Prefix>k</Prefix></Filter><Expiration><Days>3</Days></Expiration>")
        #expect(try await bench.pass(days: 5).markersMade == 1)
        #expect(try bench.versions("k").map(\.version) == [.null])
        #expect(try bench.versions("k").map(\.isDeleteMarker) == [true])
    }

    @Test func manyObjectsGoInPortions() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let count = 3 * LifecycleSweep.portion.changed + 7
        let now = bench.clock.now
        try await bench.store.commit { transaction in
            for number in 0..<count {
                let versions = Versions(bucket: "bucket", key: "k\(number)".bytes)
                _ = try versions.add(
                    ObjectRecord(
                        size: 0, etag: "e", lastModified: now, attributes: ObjectAttributes(),
                        checksum: StoredChecksum(algorithm: .crc64nvme, value: ""), body: .empty),
                    versioning: .never, in: transaction)
            }
        }
        try await bench.rules(Self.days)
        #expect(try await bench.pass(days: 5).expired == count)
        let listed = try await bench.send("GET", "/bucket?list-type=2")
        #expect(listed.element("KeyCount") == "0")
    }

    @Test func eachBucketHasItsOwnRules() async throws {
        let bench = try ObjectsBench()
        for name in ["aaa", "bbb", "ccc"] { try await bench.bucket(name, keys: ["k"]) }
        try await bench.rules(Self.days, bucket: "bbb")
        try await bench.pass(days: 9)
        let left = [try await bench.exists("k", bucket: "aaa"), try await bench.exists("k", bucket: "bbb")]
        #expect(left == [true, false])
        let report = try await bench.service.runLifecycle()
        #expect(Array(report.buckets.keys) == ["bbb"])
    }

    @Test func oneBucketAlone() async throws {
        let bench = try ObjectsBench()
        for name in ["aaa", "bbb"] {
            try await bench.bucket(name, keys: ["k"])
            try await bench.rules(Self.days, bucket: name)
        }
        // As of a later day: by the clock the sweep in the background would take the other bucket soon.
        let later = bench.clock.now + 9 * ObjectsBench.day
        let report = try await bench.service.runLifecycle(asOf: later, bucket: "aaa")
        #expect(Array(report.buckets.keys) == ["aaa"])
        #expect(try await bench.exists("k", bucket: "bbb"))
    }

    @Test func rulesAreCarriedOutByTheClock() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        try await bench.rules(Self.days)
        await bench.service.tick()
        await bench.service.core.work.finish()
        #expect(try await bench.exists("k"))
        await bench.wait(days: 5)
        await bench.service.tick()
        await bench.service.core.work.finish()
        #expect(try await !bench.exists("k"))
    }

    @Test func rulesPutWithADateThatHasPassedActSoon() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        await bench.service.tick()
        await bench.service.core.work.finish()
        try await bench.rules("<Filter/><Expiration><Date>2025-01-01</Date></Expiration>")
        await bench.service.core.work.finish()
        #expect(try await !bench.exists("k"))
    }
}
