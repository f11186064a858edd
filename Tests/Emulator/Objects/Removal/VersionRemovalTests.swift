import AWSProtocol
import Bytes
import CRocksDB
import Seeded
import Store
import Testing

@testable import Objects

/// Removing many versions of one key costs the same for each, whatever was removed before: the engine keeps a
/// trace of every removed record until it tidies up, and reading across these is what must not happen.
@Suite struct VersionRemovalTests {
    static let count = 300

    enum Stack: CaseIterable { case objects, markers, alternating }
    enum Sequence: CaseIterable {
        case newestFirst, oldestFirst, random

        func order(_ records: [ObjectRecord]) -> [ObjectRecord] {
            switch self {
            case .newestFirst: return records
            case .oldestFirst: return records.reversed()
            case .random:
                var random = SeededRandom(seed: 7)
                return records.shuffled(using: &random)
            }
        }
    }

    private static let versions = Versions(bucket: "bucket", key: "k".bytes)

    private static func bench(_ stack: Stack, days: Int64 = 0) async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.versioning()
        try await bench.store.commit { transaction in
            for index in 0..<count {
                let isMarker = stack == .markers || (stack == .alternating && index % 2 == 1)
                let record =
                    isMarker
                    ? ObjectRecord(deletedAt: ObjectsBench.start) : try object("\(index)", transaction)
                _ = try versions.add(record, versioning: .enabled, in: transaction)
            }
        }
        return bench
    }

    private static func object(_ text: String, _ transaction: Transaction) throws -> ObjectRecord {
        let body = ObjectsCore.attach(.memory(text.bytes), in: transaction)
        var digests = BodyDigests(.crc64nvme)
        digests.update(text.bytes)
        return ObjectRecord(
            size: Int64(text.utf8.count), etag: Hex.encode(digests.md5), lastModified: ObjectsBench.start,
            attributes: ObjectAttributes(), checksum: digests.storedChecksum, body: body)
    }

    @Test(arguments: Stack.allCases, Sequence.allCases)
    func eachRemovalCostsTheSame(stack: Stack, sequence: Sequence) async throws {
        let bench = try await Self.bench(stack)
        let all = sequence.order(try bench.versions("k"))
        let met = try await bench.removedRecordsMet {
            for record in all {
                let answer = try await bench.send("DELETE", "/bucket/k?versionId=\(record.version.text)")
                #expect(answer.status == 204)
            }
        }
        #expect(met <= 2 * Self.count, "\(met) removed records were read across")
        #expect(try bench.versions("k").isEmpty)
        #expect(try ObjectCheckTests.problems(bench) == [])
    }

    @Test(arguments: [0, 7])
    func aSweepOfNoncurrentVersionsIsLinear(kept: Int) async throws {
        let bench = try await Self.bench(.objects)
        let keeping = kept == 0 ? "" : "<NewerNoncurrentVersions>\(kept)</NewerNoncurrentVersions>"
        try await bench.rules(
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\(keeping)"
                + "</NoncurrentVersionExpiration>")
        await bench.wait(days: 5)
        let met = try await bench.removedRecordsMet { _ = try await bench.service.runLifecycle() }
        await bench.service.core.work.finish()
        #expect(met <= 2 * Self.count, "\(met) removed records were read across")
        #expect(try bench.versions("k").count == 1 + kept)
        #expect(try ObjectCheckTests.problems(bench) == [])
    }

    /// Earlier versions of this program did not note where the newest marker stands.
    @Test(arguments: Sequence.allCases) func markersWithoutANote(sequence: Sequence) async throws {
        let bench = try await Self.bench(.alternating)
        try await bench.store.commit { $0.delete(.objects, StorageKeys.newestMarker("bucket", "k".bytes)) }
        #expect(try ObjectCheckTests.problems(bench) == [])
        let hidden = try await bench.send("GET", "/bucket/k")
        #expect(hidden.status == 404 && hidden.headers["x-amz-delete-marker"] == "true")
        let all = sequence.order(try bench.versions("k"))
        for record in all.prefix(all.count / 2) {
            try await bench.send("DELETE", "/bucket/k?versionId=\(record.version.text)")
        }
        let left = Array(all.dropFirst(all.count / 2)).max { $0.order < $1.order }
        #expect(try bench.versions("k").first?.order == left?.order)
        #expect(
            try await bench.send("GET", "/bucket/k").status == (left?.isDeleteMarker == true ? 404 : 200))
        #expect(try ObjectCheckTests.problems(bench) == [])
    }

    /// The newest of the markers is no noncurrent version, and stays.
    @Test func aSweepOfMarkersIsLinear() async throws {
        let bench = try await Self.bench(.markers)
        try await bench.rules(
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                + "</NoncurrentVersionExpiration>")
        await bench.wait(days: 5)
        let newest = try #require(try bench.versions("k").first)
        let met = try await bench.removedRecordsMet { _ = try await bench.service.runLifecycle() }
        await bench.service.core.work.finish()
        #expect(met <= 2 * Self.count, "\(met) removed records were read across")
        #expect(try bench.versions("k").map(\.order) == [newest.order])
        #expect(try ObjectCheckTests.problems(bench) == [])
    }
}

extension ObjectsBench {
    /// How many traces of removed records the commit thread reads across while `work` runs.
    func removedRecordsMet(by work: () async throws -> Void) async throws -> Int {
        try await store.commit { _ in
            rocksdb_set_perf_level(Int32(rocksdb_enable_count))
            let context = rocksdb_perfcontext_create()
            rocksdb_perfcontext_reset(context)
            rocksdb_perfcontext_destroy(context)
        }
        try await work()
        return try await store.commit { _ in
            let context = rocksdb_perfcontext_create()
            defer { rocksdb_perfcontext_destroy(context) }
            rocksdb_set_perf_level(Int32(rocksdb_disable))
            return Int(
                rocksdb_perfcontext_metric(context, Int32(rocksdb_internal_delete_skipped_count)))
        }
    }
}
