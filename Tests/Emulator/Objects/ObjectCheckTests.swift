import Bytes
import Foundation
import Store
import Testing

@testable import Objects

/// Objects damaged on purpose: each kind of damage is found and named.
@Suite struct ObjectCheckTests {
    static let large = ObjectsBench.bytes(50_000)

    /// A small object, a large one, a copy, an upload with one part, and an object made of parts.
    static func filled() async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for (name, body) in [("small", "hello".bytes), ("large", large), ("none", [])] {
            #expect(try await bench.send("PUT", "/bucket/\(name)", [], body).status == 200)
        }
        #expect(
            try await bench.send("PUT", "/bucket/copy", [("x-amz-copy-source", "bucket/large")]).status == 200
        )
        for isCompleted in [false, true] {
            let answer = try await bench.send("POST", "/bucket/parts?uploads", [])
            let id = try #require(answer.element("UploadId"))
            let place = "/bucket/parts?uploadId=\(id)"
            let part = try await bench.send("PUT", place + "&partNumber=1", [], large)
            guard isCompleted, let tag = part.headers["ETag"] else { continue }
            let list =
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(tag)</ETag></Part>"
                + "</CompleteMultipartUpload>"
            #expect(try await bench.send("POST", place, [], list.bytes).status == 200)
        }
        return bench
    }

    static func problems(_ bench: ObjectsBench) throws -> [String] {
        try bench.store.verify(checks: ObjectsService.checks).problems
    }

    static func expect(_ words: String..., after damage: (ObjectsBench) async throws -> Void) async throws {
        let bench = try await filled()
        #expect(try problems(bench) == [])
        try await damage(bench)
        let found = try problems(bench)
        for word in words { #expect(found.contains { $0.contains(word) }, "\(word): \(found)") }
    }

    static func record(_ key: String, _ bench: ObjectsBench) throws -> ObjectRecord {
        try bench.store.read { snapshot in
            let bytes = try #require(try snapshot.get(.objects, StorageKeys.object("bucket", key.bytes)))
            return try ObjectRecord(decoding: bytes)
        }
    }

    static func change(_ key: String, _ bench: ObjectsBench, _ body: (inout ObjectRecord) -> Void)
        async throws
    {
        var record = try record(key, bench)
        body(&record)
        let bytes = record.encoded()
        try await bench.store.commit {
            $0.put(.objects, StorageKeys.object("bucket", key.bytes), bytes)
        }
    }

    @Test func aChangedBlob() async throws {
        try await Self.expect("objects: the body of 'bucket/large' does not match its MD5", "its CRC64NVME") {
            bench in
            guard case .blob(let blob) = try Self.record("large", bench).body else {
                Issue.record("a large object is not in a file")
                return
            }
            let path = bench.store.blobs.path(of: blob)
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            try file.seek(toOffset: 30_000)
            try file.write(contentsOf: Data([1, 2, 3]))
            try file.close()
        }
    }

    @Test func aMissingSmallBody() async throws {
        try await Self.expect(
            "objects: the body of 'bucket/small' is not stored", "bodies are stored, but the records refer to"
        ) { bench in
            guard case .small(let number) = try Self.record("small", bench).body else {
                Issue.record("a small object is in a file")
                return
            }
            try await bench.store.commit { $0.delete(.smallBodies, ByteOrder.bytes(number)) }
        }
    }

    @Test func aBodyOfNobody() async throws {
        try await Self.expect("objects: 6 bodies are stored, but the records refer to 5") { bench in
            try await bench.store.commit { transaction in
                transaction.put(.smallBodies, ByteOrder.bytes(transaction.nextSequence()), [1])
            }
        }
    }

    @Test func aWrongSize() async throws {
        try await Self.expect("objects: the body of 'bucket/small' has 5 bytes instead of 6") { bench in
            try await Self.change("small", bench) { $0.size = 6 }
        }
        try await Self.expect("objects: the body of 'bucket/large' cannot be read to its end") { bench in
            try await Self.change("large", bench) { $0.size = 50_001 }
        }
    }

    @Test func anObjectOfNoBucket() async throws {
        try await Self.expect("objects: the record 'bucket/none' belongs to no bucket") { bench in
            try await bench.store.commit { $0.delete(.objects, StorageKeys.bucket("bucket")) }
        }
    }

    @Test(arguments: ["aws:kms", "aws:kms:dsse"])
    func entityTagsThatAreNoDigests(algorithm: String) async throws {
        let bench = try await Self.filled()
        let header = ("x-amz-server-side-encryption", algorithm)
        #expect(try await bench.send("PUT", "/bucket/kms", [header], Self.large).status == 200)
        #expect(try Self.problems(bench) == [])
        try await Self.change("kms", bench) { $0.checksum.value = "AAAAAAAAAAA=" }
        #expect(
            try Self.problems(bench).contains { $0.contains("'bucket/kms' does not match its CRC64NVME") })
    }

    @Test func configurationsOfAnotherForm() async throws {
        try await Self.expect(
            "objects: the WebsiteConfiguration of 'bucket' is not of its form",
            "the tags of 'bucket' cannot be read"
        ) { bench in
            let key = StorageKeys.bucket("bucket")
            try await bench.store.commit { transaction in
                var record = try BucketRecord(decoding: try transaction.get(.objects, key) ?? [])
                record.documents[.website] = "<WebsiteConfiguration><Index/></WebsiteConfiguration>".bytes
                record.documents[.tagging] = "<Tagging/>".bytes
                transaction.put(.objects, key, record.encoded())
            }
        }
    }

    @Test func recordsThatCannotBeRead() async throws {
        try await Self.expect(
            "objects: the record 'bucket/none' cannot be read", "the record 'z' is of no known kind"
        ) { bench in
            try await bench.store.commit { transaction in
                transaction.put(.objects, StorageKeys.object("bucket", "none".bytes), [9])
                transaction.put(.objects, "?z".bytes, [9])
            }
        }
    }
}
