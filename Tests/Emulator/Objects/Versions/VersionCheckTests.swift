import Bytes
import Store
import Testing

@testable import Objects

/// Versions put in wrong places on purpose: each is found and named.
@Suite struct VersionCheckTests {
    private let versions = Versions(bucket: "bucket", key: "k".bytes)
    private let place = StorageKeys.object("bucket", "k".bytes)

    /// Three versions: an older one aside, the `null` one aside, the current object.
    private func filled() async throws -> (bench: ObjectsBench, records: [ObjectRecord]) {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for (index, versioning) in [BucketRecord.Versioning.enabled, .suspended, .enabled].enumerated() {
            try await bench.store.commit { [versions] transaction in
                let body = ObjectsCore.attach(.memory("\(index)".bytes), in: transaction)
                let digests = BodyDigests.of("\(index)".bytes)
                _ = try versions.add(
                    ObjectRecord(
                        size: 1, etag: Hex.encode(digests.md5), lastModified: ObjectsBench.start,
                        attributes: ObjectAttributes(), checksum: digests.storedChecksum, body: body),
                    versioning: versioning, in: transaction)
            }
        }
        #expect(try ObjectCheckTests.problems(bench) == [])
        let records = try bench.store.read { snapshot in
            var records = [try #require(try versions.current(in: snapshot))]
            try versions.scanAside(in: snapshot) {
                records.append($0)
                return true
            }
            return records
        }
        #expect(records.map { $0.version == .null } == [false, true, false])
        return (bench, records)
    }

    private func expect(
        _ words: String,
        _ damage: @escaping @Sendable (Transaction, [ObjectRecord]) throws -> Void
    ) async throws {
        let (bench, records) = try await filled()
        try await bench.store.commit { try damage($0, records) }
        let found = try ObjectCheckTests.problems(bench)
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }

    @Test func theNewestVersionIsNotCurrent() async throws {
        try await expect("the newest version 'bucket/k") { [place] transaction, records in
            transaction.delete(.objects, place)
            try ObjectsCore.release(records[0].body, in: transaction)
        }
    }

    @Test func aNewerVersionStandsAside() async throws {
        try await expect("is older than a version that stands aside") { [place] transaction, records in
            transaction.delete(.objects, StorageKeys.version("bucket", "k".bytes, order: records[2].order))
            transaction.put(.objects, place, records[2].encoded())
            transaction.put(
                .objects, StorageKeys.version("bucket", "k".bytes, order: records[0].order),
                records[0].encoded())
        }
    }

    @Test func aMarkerIsCurrent() async throws {
        try await expect("stands where current objects do") { [place] transaction, records in
            var marker = ObjectRecord(deletedAt: ObjectsBench.start)
            (marker.order, marker.version) = (records[0].order, records[0].version)
            transaction.put(.objects, place, marker.encoded())
            try ObjectsCore.release(records[0].body, in: transaction)
        }
    }

    @Test func aNullVersionThatNobodyFinds() async throws {
        try await expect("cannot be found") { transaction, _ in
            transaction.delete(.objects, StorageKeys.nullVersion("bucket", "k".bytes))
        }
    }

    @Test func aPointerToNothing() async throws {
        try await expect("is not where it should be") { transaction, _ in
            transaction.put(
                .objects, StorageKeys.nullVersion("bucket", "other".bytes), ByteOrder.bytes(UInt64(1)))
        }
    }

    @Test(arguments: [false, true]) func aMarkerThatIsNotTheNewest(isNoted: Bool) async throws {
        try await expect("is not the delete marker that it should be") { transaction, records in
            let place = StorageKeys.newestMarker("bucket", (isNoted ? "k" : "other").bytes)
            transaction.put(.objects, place, ByteOrder.bytes(records[1].order))
        }
    }

    @Test func twoNullVersions() async throws {
        try await expect("is not its key's only null version") { [place] transaction, records in
            var current = records[0]
            current.version = .null
            transaction.put(.objects, place, current.encoded())
        }
    }

    @Test func aVersionAtAnotherPlace() async throws {
        try await expect("is not at its place") { transaction, records in
            transaction.delete(.objects, StorageKeys.version("bucket", "k".bytes, order: records[2].order))
            transaction.put(
                .objects, StorageKeys.version("bucket", "k".bytes, order: records[2].order + 1),
                records[2].encoded())
        }
    }

    @Test func anIdentifierOfAnotherPlace() async throws {
        try await expect("at another place than its identifier says") { [place] transaction, records in
            var current = records[0]
            current.order += 1000
            transaction.put(.objects, place, current.encoded())
        }
    }
}

extension BodyDigests {
    fileprivate static func of(_ bytes: [UInt8]) -> BodyDigests {
        var digests = BodyDigests(.crc64nvme)
        digests.update(bytes)
        return digests
    }
}
