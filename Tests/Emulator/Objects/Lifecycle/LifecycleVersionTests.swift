import Bytes
import Clock
import Store
import Testing

@testable import Objects

/// What rules do to noncurrent versions, delete markers, unfinished uploads and storage classes.
@Suite struct LifecycleVersionTests {
    private func versioned(_ count: Int, daysBetween: Int64 = 1) async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.versioning()
        for number in 0..<count {
            if number > 0 { await bench.wait(days: daysBetween) }
            try await bench.send("PUT", "/bucket/k", [], "\(number)".bytes)
        }
        return bench
    }

    private func noncurrent(_ days: Int, keeping: Int? = nil) -> String {
        let kept = keeping.map { "<NewerNoncurrentVersions>\($0)</NewerNoncurrentVersions>" } ?? ""
        return "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>\(days)</NoncurrentDays>\(kept)"
            + "</NoncurrentVersionExpiration>"
    }

    @Test func daysCountFromTheNextVersion() async throws {
        let bench = try await versioned(3, daysBetween: 10)
        try await bench.rules(noncurrent(5))
        // Version 0 has been noncurrent for ten days, version 1 since just now.
        #expect(try bench.versions("k").count == 2)
        #expect(try await bench.pass(days: 6).versionsRemoved == 1)
        #expect(try bench.versions("k").count == 1)
        #expect(try await bench.send("GET", "/bucket/k").text == "2")
    }

    /// An object that came in parts is dated by the start of its upload; what it replaced is not that old.
    @Test func daysCountFromTheCompletionOfAnUpload() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.versioning()
        let begun = try await bench.send("POST", "/bucket/k?uploads")
        let id = try #require(begun.element("UploadId"))
        await bench.wait(days: 20)
        try await bench.send("PUT", "/bucket/k", [], "replaced".bytes)
        let part = try await bench.send("PUT", "/bucket/k?partNumber=1&uploadId=\(id)", [], "p".bytes)
        let tag = try #require(part.headers["ETag"])
        let list =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(tag)</ETag></Part>"
            + "</CompleteMultipartUpload>"
        #expect(try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], list.bytes).status == 200)
        try await bench.rules(noncurrent(5))
        #expect(try await bench.pass(days: 1).versionsRemoved == 0)
        #expect(try await bench.pass(days: 7).versionsRemoved == 1)
    }

    @Test(arguments: [1, 2, 3, 5])
    func theNewestNoncurrentVersionsStay(_ kept: Int) async throws {
        let bench = try await versioned(5)
        try await bench.rules(noncurrent(1, keeping: kept))
        try await bench.pass(days: 30)
        #expect(try bench.versions("k").count == min(5, 1 + kept))
        #expect(try await bench.send("GET", "/bucket/k").text == "4")
    }

    @Test func versionsBelowADeleteMarkerAreNoncurrent() async throws {
        let bench = try await versioned(2)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.rules(noncurrent(3, keeping: 1))
        #expect(try await bench.pass(days: 9).versionsRemoved == 1)
        #expect(try bench.versions("k").map(\.isDeleteMarker) == [true, false])
    }

    @Test func noncurrentMarkersGoToo() async throws {
        let bench = try await versioned(1)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.send("PUT", "/bucket/k", [], "new".bytes)
        try await bench.rules(noncurrent(1))
        #expect(try await bench.pass(days: 3).versionsRemoved == 2)
        #expect(try bench.versions("k").count == 1)
    }

    @Test func manyVersionsOfOneKeyGoInPortions() async throws {
        let bench = try await versioned(1)
        let count = 2 * LifecycleSweep.portion.changed + 50
        for number in 0..<count { try await bench.send("PUT", "/bucket/k", [], "\(number)".bytes) }
        try await bench.rules(noncurrent(1, keeping: 3))
        #expect(try await bench.pass(days: 3).versionsRemoved == count - 3)
        #expect(try bench.versions("k").count == 4)
    }

    @Test func aLockedVersionStays() async throws {
        let bench = try await versioned(1)
        try await bench.change("k") { $0.attributes.lock.legalHold = true }
        try await bench.send("PUT", "/bucket/k", [], "new".bytes)
        try await bench.rules(noncurrent(1))
        let counts = try await bench.pass(days: 30)
        #expect(counts.versionsRemoved == 0)
        #expect(counts.kept == 1)
        #expect(try bench.versions("k").count == 2)
    }

    @Test func retentionKeepsToTheTrueTime() async throws {
        let bench = try await versioned(1)
        let until = bench.clock.now + 20 * ObjectsBench.day
        try await bench.change("k") { $0.attributes.lock.retention = .init(mode: .governance, until: until) }
        try await bench.send("PUT", "/bucket/k", [], "new".bytes)
        try await bench.rules(noncurrent(1))
        let later = bench.clock.now + 90 * ObjectsBench.day
        let asIf = try await bench.service.runLifecycle(asOf: later)
        #expect(asIf.buckets["bucket"]?.kept == 1)
        #expect(try await bench.pass(days: 21).versionsRemoved == 1)
    }

    /// What was seen may have changed when it is carried out: a marker that is the newest version by then is none of
    /// the noncurrent ones that are kept.
    @Test func aMarkerThatBecameTheNewestTakesNoKeptPlace() async throws {
        let bench = try await versioned(1)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.send("PUT", "/bucket/k", [], "new".bytes)
        try await bench.rules(noncurrent(1, keeping: 1))
        await bench.wait(days: 30)
        let core = bench.service.core
        let rules = try #require(
            try core.store.read { try core.lifecycle.rules(of: core.bucket("bucket", in: $0)) })
        let pass = LifecyclePass(
            bucket: "bucket", now: bench.clock.now, clock: bench.clock.now, origin: .service("r"), core: core)
        var stack = VersionStack()
        let changes = try pass.dueVersions(rules, from: nil, &stack).changes
        #expect(changes.count == 1)
        let newest = try #require(try bench.versions("k").first)
        try await bench.send("DELETE", "/bucket/k?versionId=\(newest.version.text)")
        try await bench.store.commit { transaction in
            var counts = LifecycleReport.Counts()
            try pass.carryOut(changes, &counts, transaction)
        }
        #expect(try bench.versions("k").map(\.isDeleteMarker) == [true, false])
    }

    // MARK: - Delete markers

    private static let loneMarkers =
        "<Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"

    @Test func aMarkerWithNothingBelowGoes() async throws {
        let bench = try await versioned(0)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.rules(Self.loneMarkers)
        #expect(try bench.versions("k").isEmpty)
    }

    @Test func aMarkerWithAVersionBelowStays() async throws {
        let bench = try await versioned(1)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.rules(Self.loneMarkers)
        #expect(try await bench.pass(days: 30).markersRemoved == 0)
        #expect(try bench.versions("k").count == 2)
    }

    @Test func twoMarkersStay() async throws {
        let bench = try await versioned(0)
        for _ in 0..<2 { try await bench.send("DELETE", "/bucket/k") }
        try await bench.rules(Self.loneMarkers)
        #expect(try await bench.pass(days: 1).markersRemoved == 0)
    }

    @Test func expirationByDaysRemovesOldLoneMarkers() async throws {
        let bench = try await versioned(0)
        try await bench.send("DELETE", "/bucket/k")
        try await bench.rules("<Filter/><Expiration><Days>3</Days></Expiration>")
        #expect(try await bench.pass(days: 2).markersRemoved == 0)
        #expect(try await bench.pass(days: 2).markersRemoved == 1)
    }

    @Test func aWholeLifeFromObjectToNothing() async throws {
        let bench = try await versioned(1)
        try await bench.rules(
            "<Filter/><Expiration><Days>5</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>5"
                + "</NoncurrentDays></NoncurrentVersionExpiration>")
        #expect(try await bench.pass(days: 7).markersMade == 1)
        #expect(try await bench.pass(days: 7).versionsRemoved == 1)
        try await bench.pass(days: 7)
        #expect(try bench.versions("k").isEmpty)
        #expect(try await bench.send("DELETE", "/bucket").status == 204)
    }

    // MARK: - Uploads

    @Test func oldUploadsAreAborted() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let old = try await bench.send("POST", "/bucket/a?uploads")
        let id = try #require(old.element("UploadId"))
        try await bench.send("PUT", "/bucket/a?partNumber=1&uploadId=\(id)", [], ObjectsBench.bytes(50_000))
        await bench.wait(days: 5)
        try await bench.send("POST", "/bucket/a?uploads")
        try await bench.send("POST", "/bucket/b?uploads")
        try await bench.rules(
            "<Filter><Prefix>a</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>3"
                + "</DaysAfterInitiation></AbortIncompleteMultipartUpload>")
        #expect(try await bench.send("GET", "/bucket/a?uploadId=\(id)").status == 404)
        #expect(try await bench.send("GET", "/bucket?uploads").elements("UploadId").count == 2)
        try await bench.expectBlobFiles(0)
    }

    // MARK: - Transitions

    private func transitions(_ steps: String, filter: String = "<Filter/>") -> String { filter + steps }

    private static let toArchive =
        "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
        + "<Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition>"

    @Test func aLargeObjectMovesDownStepByStep() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(131_072))
        try await bench.rules("<Filter/>\(Self.toArchive)")
        #expect(try await bench.pass(days: 20).transitioned == 0)
        #expect(try await bench.pass(days: 11).transitioned == 1)
        #expect(try bench.storageClass("k") == "STANDARD_IA")
        #expect(try await bench.pass(days: 1).transitioned == 0, "it is there already")
        #expect(try await bench.pass(days: 30).transitioned == 1)
        #expect(try bench.storageClass("k") == "GLACIER")
        #expect(try await bench.send("GET", "/bucket/k").status == 403)
    }

    @Test func severalStepsThatAreDueAreOne() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(131_072))
        try await bench.rules("<Filter/>\(Self.toArchive)")
        #expect(try await bench.pass(days: 100).transitioned == 1)
        #expect(try bench.storageClass("k") == "GLACIER")
    }

    @Test func nothingMovesUp() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send(
            "PUT", "/bucket/k", [("x-amz-storage-class", "DEEP_ARCHIVE")], ObjectsBench.bytes(131_072))
        try await bench.rules("<Filter/>\(Self.toArchive)")
        #expect(try await bench.pass(days: 100).transitioned == 0)
        #expect(try bench.storageClass("k") == "DEEP_ARCHIVE")
    }

    /// Each: bytes, what small objects do, the class, a filter, and whether the object moves.
    @Test(arguments: [
        (131_071, "all_storage_classes_128K", "GLACIER", "<Filter/>", false),
        (131_072, "all_storage_classes_128K", "GLACIER", "<Filter/>", true),
        (10, "varies_by_storage_class", "GLACIER", "<Filter/>", true),
        (10, "varies_by_storage_class", "DEEP_ARCHIVE", "<Filter/>", true),
        (10, "varies_by_storage_class", "GLACIER_IR", "<Filter/>", false),
        (
            10, "all_storage_classes_128K", "GLACIER_IR",
            "<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter>", true
        ),
        (
            5, "all_storage_classes_128K", "GLACIER_IR",
            "<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter>", false
        ),
    ])
    func smallObjects(
        _ size: Int, _ choice: String, _ target: String, _ filter: String, _ moves: Bool
    ) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(size))
        try await bench.rules(
            "\(filter)<Transition><Days>0</Days><StorageClass>\(target)</StorageClass></Transition>",
            headers: [("x-amz-transition-default-minimum-object-size", choice)])
        #expect(try await bench.pass(days: 2).transitioned == (moves ? 1 : 0))
        #expect(try bench.storageClass("k") == (moves ? target : "STANDARD"))
    }

    @Test func noncurrentVersionsMove() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.versioning()
        for seed in 1...2 as ClosedRange<UInt64> {
            try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(131_072, seed: seed))
        }
        try await bench.rules(
            "<Filter/><NoncurrentVersionTransition><NoncurrentDays>2</NoncurrentDays><StorageClass>GLACIER"
                + "</StorageClass></NoncurrentVersionTransition>")
        #expect(try await bench.pass(days: 4).transitioned == 1)
        #expect(try bench.versions("k").map(\.attributes.storageClass) == ["STANDARD", "GLACIER"])
    }

    @Test func movedObjectsKeepTheirBytesAndTags() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let body = ObjectsBench.bytes(131_072)
        try await bench.send("PUT", "/bucket/k", [("x-amz-meta-a", "b")], body)
        try await bench.rules(
            "<Filter/><Transition><Days>0</Days><StorageClass>GLACIER_IR</StorageClass></Transition>")
        try await bench.pass(days: 2)
        let answer = try await bench.send("GET", "/bucket/k")
        #expect(answer.bytes == body)
        #expect(answer.headers["x-amz-meta-a"] == "b")
        #expect(answer.headers["x-amz-storage-class"] == "GLACIER_IR")
    }
}
