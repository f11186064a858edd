import Bytes
import Digests
import Foundation
import HTTPTypes
import Store
import Testing

@testable import Objects

/// Objects whose body is that of their parts.
@Suite struct PartedObjectTests {
    private static let fiveMiB = 5 << 20

    /// A bench with an upload under the key `k`.
    private struct Upload {
        let bench: ObjectsBench
        let id: String
        var bodies: [Int: [UInt8]] = [:]

        init(_ bench: ObjectsBench, _ headers: [(String, String)] = []) async throws {
            self.bench = bench
            id = try #require(
                try await bench.send("POST", "/bucket/k?uploads", headers).element("UploadId"))
        }

        var place: String { "/bucket/k?uploadId=\(id)" }

        @discardableResult
        mutating func part(
            _ number: Int, _ body: [UInt8], _ headers: [(String, String)] = []
        ) async throws -> ObjectsBench.Answer {
            bodies[number] = body
            return try await bench.send("PUT", place + "&partNumber=\(number)", headers, body)
        }

        func list(_ numbers: [Int]? = nil, _ extra: (Int) -> String = { _ in "" }) -> [UInt8] {
            let parts = (numbers ?? bodies.keys.sorted()).map {
                "<Part><PartNumber>\($0)</PartNumber><ETag>\(MD5.hex(bodies[$0] ?? []))</ETag>\(extra($0))</Part>"
            }
            return "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".bytes
        }

        func complete(
            _ numbers: [Int]? = nil, _ headers: [(String, String)] = [],
            _ extra: (Int) -> String = { _ in "" }
        ) async throws -> ObjectsBench.Answer {
            try await bench.send("POST", place, headers, list(numbers, extra))
        }

        var whole: [UInt8] { bodies.keys.sorted().flatMap { bodies[$0] ?? [] } }
    }

    private static func bench() async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        return bench
    }

    private static func expectSound(_ bench: ObjectsBench) throws {
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [])
    }

    /// Two large parts and a small one, listed in full.
    private static func filled(_ bench: ObjectsBench) async throws -> Upload {
        var upload = try await Upload(bench)
        try await upload.part(2, ObjectsBench.bytes(Self.fiveMiB, seed: 2))
        try await upload.part(5, ObjectsBench.bytes(Self.fiveMiB + 7, seed: 5))
        try await upload.part(9, ObjectsBench.bytes(900, seed: 9))
        return upload
    }

    @Test func completingTouchesNoFile() async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        func inodes() throws -> Set<UInt64> {
            Set(
                try bench.blobFiles().compactMap {
                    try FileManager.default.attributesOfItem(atPath: "\(bench.folder)/\($0)")[
                        .systemFileNumber] as? UInt64
                })
        }
        let before = try inodes()
        #expect(before.count == 2)
        #expect(try await upload.complete().status == 200)
        #expect(try inodes() == before)
        try Self.expectSound(bench)
    }

    @Test func rangesCrossParts() async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        #expect(try await upload.complete().status == 200)
        let whole = upload.whole
        let five = Self.fiveMiB
        for range in [
            0...0, 10...20, five - 1...five, five - 3...five + 5, five...2 * five + 6,
            2 * five + 6...2 * five + 7, 2 * five + 7...whole.count - 1, 5...whole.count - 1,
            whole.count - 1...whole.count - 1,
        ] {
            let answer = try await bench.send(
                "GET", "/bucket/k", [("Range", "bytes=\(range.lowerBound)-\(range.upperBound)")])
            #expect(answer.status == 206)
            #expect(answer.bytes == Array(whole[range]), "\(range)")
        }
        let tail = try await bench.send("GET", "/bucket/k", [("Range", "bytes=-1000")])
        #expect(tail.bytes == Array(whole.suffix(1000)))
        for (index, number) in [2, 5, 9].enumerated() {
            let part = try await bench.send("GET", "/bucket/k?partNumber=\(index + 1)")
            #expect(part.status == 206)
            #expect(part.bytes == upload.bodies[number])
            #expect(part.headers["x-amz-mp-parts-count"] == "3")
        }
        let beyond = try await bench.send("GET", "/bucket/k?partNumber=4")
        bench.expect(
            beyond, 416, "InvalidPartNumber", "The requested partnumber is not satisfiable",
            ["<ActualPartCount>3</ActualPartCount>"])
        let head = try await bench.send("HEAD", "/bucket/k?partNumber=2")
        #expect(head.headers["Content-Length"] == String(five + 7))
    }

    @Test func partsThatAreNotListedGo() async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        #expect(try await upload.complete([5]).status == 200)
        #expect(try await bench.send("GET", "/bucket/k").bytes == upload.bodies[5])
        try await bench.expectBlobFiles(1)
        try Self.expectSound(bench)
    }

    @Test(arguments: ["PUT", "DELETE", "COPY"]) func whatReplacesTheObjectTakesItsParts(
        method: String
    ) async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        #expect(try await upload.complete().status == 200)
        try await bench.send("PUT", "/bucket/other", [], "x".bytes)
        let headers = method == "COPY" ? [("x-amz-copy-source", "bucket/other")] : []
        let answer = try await bench.send(method == "COPY" ? "PUT" : method, "/bucket/k", headers)
        #expect(answer.status < 300)
        try await bench.expectBlobFiles(0)
        try Self.expectSound(bench)
    }

    /// What was being read when the object was replaced can be read to its end.
    @Test func aReaderKeepsTheVersionItStarted() async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        #expect(try await upload.complete().status == 200)
        var body: HTTPBody? = try bench.store.read { snapshot in
            let bytes = try #require(try snapshot.get(.objects, StorageKeys.object("bucket", "k".bytes)))
            let record = try ObjectRecord(decoding: bytes)
            return try bench.service.core.open(record.body, size: record.size, in: snapshot)
        }
        try await bench.send("DELETE", "/bucket/k")
        try await Task.sleep(for: .milliseconds(250))
        try await bench.expectBlobFiles(2)
        try Self.expectSound(bench)
        #expect(try body?.readAll() == upload.whole)
        body = nil
        try await bench.expectBlobFiles(0)
    }

    @Test func copiesHaveBytesOfTheirOwn() async throws {
        let bench = try await Self.bench()
        let upload = try await Self.filled(bench)
        #expect(try await upload.complete().status == 200)
        let source = [("x-amz-copy-source", "bucket/k")]
        #expect(try await bench.send("PUT", "/bucket/copy", source).status == 200)
        var second = try await Upload(bench)
        let range = "bytes=\(Self.fiveMiB - 5)-\(2 * Self.fiveMiB + 99)"
        let slice = Array(upload.whole[(Self.fiveMiB - 5)...(2 * Self.fiveMiB + 99)])
        let part = try await second.part(1, [], source + [("x-amz-copy-source-range", range)])
        #expect(part.element("ETag") == "&quot;\(MD5.hex(slice))&quot;")
        try await bench.send("DELETE", "/bucket/k")
        #expect(try await bench.send("GET", "/bucket/copy").bytes == upload.whole)
        second.bodies[1] = slice
        #expect(try await second.complete().status == 200)
        #expect(try await bench.send("GET", "/bucket/k").bytes == slice)
        try Self.expectSound(bench)
    }

    @Test func oneEmptyPartIsAnObject() async throws {
        let bench = try await Self.bench()
        var upload = try await Upload(bench)
        try await upload.part(1, [])
        #expect(try await upload.complete().status == 200)
        let object = try await bench.send("GET", "/bucket/k")
        #expect(object.status == 200 && object.bytes == [])
        #expect(object.headers["ETag"] == "\"\(MD5.hex(MD5.hash([UInt8]())))-1\"")
        try Self.expectSound(bench)
    }

    @Test func versionsKeepTheirParts() async throws {
        let bench = try await Self.bench()
        let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        let digest = [("Content-MD5", Base64.encode(MD5.hash(enabled)))]
        #expect(try await bench.send("PUT", "/bucket?versioning", digest, enabled.bytes).status == 200)
        let upload = try await Self.filled(bench)
        let version = try #require(try await upload.complete().headers["x-amz-version-id"])
        try await bench.send("PUT", "/bucket/k", [], "newer".bytes)
        try await bench.send("DELETE", "/bucket/k")
        let place = "/bucket/k?versionId=\(version)"
        #expect(try await bench.send("GET", place).bytes == upload.whole)
        try Self.expectSound(bench)
        #expect(try await bench.send("DELETE", place).status == 204)
        try await bench.expectBlobFiles(0)
        try Self.expectSound(bench)
    }

    // MARK: - Checksums

    @Test(arguments: [
        ("CRC32", "FULL_OBJECT"), ("CRC32C", "FULL_OBJECT"), ("CRC64NVME", "FULL_OBJECT"),
        ("CRC32", "COMPOSITE"), ("CRC32C", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE"),
    ])
    func checksumsOfAllKinds(algorithm: String, kind: String) async throws {
        let bench = try await Self.bench()
        let name = try #require(ChecksumAlgorithm(rawValue: algorithm))
        func raw(_ bytes: [UInt8]) -> [UInt8] {
            var digests = BodyDigests(name)
            digests.update(bytes)
            return digests.checksum
        }
        let headers = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)]
        var upload = try await Upload(bench, headers)
        for (number, size) in [(1, Self.fiveMiB + 3), (2, Self.fiveMiB), (3, 17)] {
            let body = ObjectsBench.bytes(size, seed: UInt64(number))
            // Parts of a whole need none.
            let claim = kind == "COMPOSITE" ? [(name.headerName, Base64.encode(raw(body)))] : []
            #expect(try await upload.part(number, body, claim).status == 200)
        }
        let bodies = upload.bodies
        let answer = try await upload.complete {
            "<\(name.elementName)>\(Base64.encode(raw(bodies[$0] ?? [])))</\(name.elementName)>"
        }
        let expected =
            kind == "FULL_OBJECT"
            ? Base64.encode(raw(upload.whole))
            : Base64.encode(raw([1, 2, 3].flatMap { raw(bodies[$0] ?? []) })) + "-3"
        #expect(answer.element(name.elementName) == expected)
        #expect(answer.element("ChecksumType") == kind)
        let head = try await bench.send("HEAD", "/bucket/k", [("x-amz-checksum-mode", "ENABLED")])
        #expect(head.headers[name.headerName] == expected)
        try Self.expectSound(bench)
    }

    /// The client names no algorithm for the upload, but sends one with a part, as SDKs do.
    @Test func partsMayHaveOtherChecksumsThanTheObject() async throws {
        let bench = try await Self.bench()
        var upload = try await Upload(bench)
        let first = ObjectsBench.bytes(Self.fiveMiB, seed: 1)
        let crc = Base64.encode(ByteOrder.bytes(CRC32.checksum(first)))
        #expect(try await upload.part(1, first, [("x-amz-checksum-crc32", crc)]).status == 200)
        try await upload.part(2, "tail".bytes)
        let answer = try await upload.complete()
        let expected = Base64.encode(ByteOrder.bytes(CRC64NVME.checksum(upload.whole)))
        #expect(answer.element("ChecksumCRC64NVME") == expected)
        try Self.expectSound(bench)
    }

    @Test func aWrongClaimForTheWholeIsRefused() async throws {
        let bench = try await Self.bench()
        let headers = [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")]
        var upload = try await Upload(bench, headers)
        try await upload.part(1, "part".bytes)
        bench.expect(
            try await upload.complete(nil, [("x-amz-checksum-crc32", "AAAAAA==")]), 400, "BadDigest",
            "The crc32 you specified did not match the calculated checksum.")
        #expect(try await upload.complete().status == 200)
    }
}
