import AWSProtocol
import Bytes
import Clock
import Digests
import Foundation
import Store
import Synchronization
import Testing

@testable import Objects

/// However many parts go at once, no commit removes more than a portion of them.
@Suite struct PartRemovalTests {
    /// Keys that one commit may change: a portion's records and bodies, and what the operation itself does.
    static let most = 2_500

    /// The greatest batch that a store has written.
    final class Greatest: Sendable {
        private let value = Mutex(0)
        var changes: Int { value.withLock { $0 } }
        func note(_ changes: Int) { value.withLock { $0 = max($0, changes) } }
        func forget() { value.withLock { $0 = 0 } }
    }

    struct Place {
        let bench: ObjectsBench
        let greatest: Greatest

        init() async throws {
            let greatest = Greatest()
            bench = try ObjectsBench(onBatch: { greatest.note($0) })
            self.greatest = greatest
            try await bench.bucket()
        }

        /// Everything has gone, by small steps, and what remained in between was in order.
        func expectGone(_ location: SourceLocation = #_sourceLocation) async throws {
            #expect(try ObjectCheckTests.problems(bench) == [], sourceLocation: location)
            await bench.service.tick()
            await bench.service.core.work.finish()
            #expect(greatest.changes <= most, sourceLocation: location)
            #expect(try records().isEmpty, sourceLocation: location)
            #expect(try ObjectCheckTests.problems(bench) == [], sourceLocation: location)
        }

        /// Keys of all records but the bucket's, and of all bodies.
        func records() throws -> [[UInt8]] {
            var found: [[UInt8]] = []
            try bench.store.read { snapshot in
                for keyspace in [Keyspace.objects, .smallBodies, .blobs] {
                    try snapshot.scan(keyspace, from: [], to: nil) { key, _ in
                        if key.first != UInt8(ascii: "b") || keyspace != .objects { found.append(key) }
                        return true
                    }
                }
            }
            return found
        }
    }

    private static let byte: [UInt8] = [7]

    private static func part(_ transaction: Transaction) -> PartRecord {
        var digests = BodyDigests(.crc64nvme)
        digests.update(byte)
        return PartRecord(
            size: 1, md5: digests.md5, lastModified: ObjectsBench.start, checksum: digests.storedChecksum,
            crc64: digests.crc64nvme, body: ObjectsCore.attach(.memory(byte), in: transaction))
    }

    private static func unfinished(_ number: Int) -> UploadRecord {
        UploadRecord(
            key: "k".bytes, id: Hex.encode(UInt64(number)), initiated: ObjectsBench.start,
            attributes: ObjectAttributes(), checksumAlgorithm: nil, checksumKind: .fullObject)
    }

    /// An unfinished upload with that many parts.
    /// - Returns: its identifier.
    @discardableResult
    static func upload(_ key: String, parts: Int, _ bench: ObjectsBench) async throws -> String {
        let id = try #require(try await bench.send("POST", "/bucket/\(key)?uploads").element("UploadId"))
        try await bench.store.commit { transaction in
            for number in 0..<parts {
                let record = part(transaction)
                transaction.put(.objects, StorageKeys.part(id, number + 1), record.encoded())
            }
        }
        return id
    }

    /// An object that was uploaded in parts.
    static func object(_ key: String, parts count: Int, _ bench: ObjectsBench) async throws {
        let (core, clock) = (bench.service.core, ObjectsBench.start)
        let algorithm = ChecksumAlgorithm.crc64nvme
        try await core.store.commit { transaction in
            var whole = PartedDigest(algorithm, .fullObject)
            let parts = (0..<count).map { index in
                let part = part(transaction)
                let made = ObjectPart(
                    number: index + 1, start: Int64(index), part, crc64: part.crc64 ?? 0)
                whole.append(length: 1, checksum: ByteOrder.bytes(made.crc64), md5: part.md5)
                return made
            }
            let record = ObjectRecord(
                size: whole.length, etag: whole.etag, lastModified: clock, attributes: ObjectAttributes(),
                checksum: whole.checksum, body: .parts(PartList(parts, in: transaction)))
            _ = try Versions(bucket: "bucket", key: key.bytes)
                .add(record, versioning: .never, in: transaction)
        }
    }

    @Test func anAbortedUpload() async throws {
        let place = try await Place()
        let id = try await Self.upload("k", parts: 3_000, place.bench)
        place.greatest.forget()
        #expect(try await place.bench.send("DELETE", "/bucket/k?uploadId=\(id)").status == 204)
        #expect(try await place.bench.send("GET", "/bucket/k?uploadId=\(id)").status == 404)
        try await place.expectGone()
    }

    @Test func aSweepOfUploads() async throws {
        let place = try await Place()
        for number in 0..<12 { try await Self.upload("k\(number)", parts: 300, place.bench) }
        try await place.bench.rules(
            "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>"
                + "</AbortIncompleteMultipartUpload>")
        place.greatest.forget()
        #expect(try await place.bench.pass(days: 5).uploadsAborted == 12)
        try await place.expectGone()
    }

    @Test func aBucketWithManyUploads() async throws {
        let place = try await Place()
        let bench = place.bench
        try await bench.store.commit { transaction in
            for number in 0..<4_000 {
                let upload = Self.unfinished(number)
                transaction.put(
                    .objects, StorageKeys.upload("bucket", upload.key, upload.id), upload.encoded())
            }
        }
        for number in 0..<4 { try await Self.upload("k\(number)", parts: 700, bench) }
        place.greatest.forget()
        #expect(try await bench.send("DELETE", "/bucket").status == 204)
        try await place.expectGone()
        #expect(try await bench.send("HEAD", "/bucket").status == 404)
    }

    @Test func aListOfObjects() async throws {
        let place = try await Place()
        for number in 0..<8 { try await Self.object("k\(number)", parts: 400, place.bench) }
        #expect(try await place.bench.send("GET", "/bucket/k3").bytes.count == 400)
        place.greatest.forget()
        let keys = (0..<8).map { "<Object><Key>k\($0)</Key></Object>" }.joined()
        let list = "<Delete>\(keys)</Delete>".bytes
        let answer = try await place.bench.send(
            "POST", "/bucket?delete", [("Content-MD5", Base64.encode(MD5.hash(list)))], list)
        #expect(answer.elements("Deleted").count == 8, "\(answer.text)")
        try await place.expectGone()
    }

    @Test func anObjectThatIsReplaced() async throws {
        let place = try await Place()
        try await Self.object("k", parts: 3_000, place.bench)
        place.greatest.forget()
        #expect(try await place.bench.send("PUT", "/bucket/k").status == 200)
        #expect(try await place.bench.send("DELETE", "/bucket/k").status == 204)
        try await place.expectGone()
    }

    /// What was left when the process ended is removed after the next start.
    @Test func theRestAfterARestart() async throws {
        let folder = NSTemporaryDirectory() + "left-\(UUID4.make())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func start() throws -> (Store, ObjectsService) {
            let store = try Store.open(at: folder)
            let configuration = ObjectsService.Configuration(region: "us-east-1", accountID: "000000000000")
            return (store, ObjectsService(store: store, configuration: configuration))
        }
        let (store, service) = try start()
        try await service.createBucketIfMissing("bucket")
        let upload = Self.unfinished(1)
        try await store.commit { transaction in
            for number in 1...2_500 {
                let record = Self.part(transaction)
                transaction.put(.objects, StorageKeys.part(upload.id, number), record.encoded())
            }
            try Multipart.remove(upload, bucket: "bucket", in: transaction)
        }
        // One portion before the end.
        #expect(try await PartRemoval.advance(service.core))
        #expect(try store.verify(checks: ObjectsService.checks).problems == [])
        await service.stop()
        store.close()
        let (again, successor) = try start()
        defer { again.close() }
        let report = try again.verify(checks: ObjectsService.checks)
        #expect(report.problems == [])
        #expect(report.entries[.smallBodies].map { (1..<2_500).contains($0) } == true)
        await successor.tick()
        await successor.core.work.finish()
        let end = try again.verify(checks: ObjectsService.checks)
        #expect(end.problems == [])
        #expect(end.entries[.smallBodies] == 0)
        #expect(end.entries[.objects] == 1)
    }

    /// Objects and uploads without a single part leave no note.
    @Test func nothingIsNotedOfNothing() async throws {
        let place = try await Place()
        let id = try await Self.upload("k", parts: 0, place.bench)
        #expect(try await place.bench.send("DELETE", "/bucket/k?uploadId=\(id)").status == 204)
        #expect(try place.records().isEmpty)
    }

    /// Damage to what is left is found and named.
    @Test(arguments: [
        (1, "leads to none"), (2, "bodies are stored, but the records refer to"), (3, "leaves some out"),
        (4, "parts of 1 uploads are stored, but 0 have any"), (5, "parts of 1 uploads are stored, but 2"),
    ])
    func damagedNotes(kind: Int, words: String) async throws {
        let place = try await Place()
        let (store, upload) = (place.bench.store, Self.unfinished(1))
        try await store.commit { transaction in
            for number in 1...5 {
                let record = Self.part(transaction)
                transaction.put(.objects, StorageKeys.part(upload.id, number), record.encoded())
            }
            try Multipart.remove(upload, bucket: "bucket", in: transaction)
        }
        #expect(try ObjectCheckTests.problems(place.bench) == [])
        let noteKey = try #require(try place.records().first { $0.first == UInt8(ascii: "g") })
        try await store.commit { transaction in
            let left = try LeftParts(decoding: try transaction.get(.objects, noteKey) ?? [])
            switch kind {
            case 1:
                for number in 1...5 { transaction.delete(.objects, StorageKeys.part(upload.id, number)) }
            case 2: transaction.delete(.objects, StorageKeys.part(upload.id, 2))
            case 3: transaction.put(.objects, noteKey, left.going(on: 3).encoded())
            case 4: transaction.delete(.objects, noteKey)
            default:
                transaction.put(.objects, StorageKeys.leftParts(transaction.nextSequence()), left.encoded())
            }
        }
        let found = try ObjectCheckTests.problems(place.bench)
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }
}
