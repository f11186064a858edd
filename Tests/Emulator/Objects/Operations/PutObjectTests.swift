import Bytes
import Clock
import Digests
import Foundation
import HTTPTypes
import Store
import Testing

@Suite struct PutObjectTests {
    @Test func answersTagAndChecksum() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let answer = try await bench.send("PUT", "/bucket/k", [], "hello".bytes)
        #expect(answer.status == 200)
        #expect(answer.headers["ETag"] == "\"5d41402abc4b2a76b9719d911017c592\"")
        #expect(
            answer.headers["x-amz-checksum-crc64nvme"]
                == Base64.encode(ByteOrder.bytes(CRC64NVME.checksum("hello".bytes))))
        #expect(answer.headers["x-amz-checksum-type"] == "FULL_OBJECT")
        #expect(answer.headers["x-amz-server-side-encryption"] == "AES256")
    }

    @Test(arguments: [0, 1, 16_384, 16_385, 1 << 20, (1 << 20) + 1, 3_000_000])
    func keepsBodiesOfAllSizes(_ size: Int) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let body = ObjectsBench.bytes(size)
        #expect(try await bench.send("PUT", "/bucket/k", [], body).status == 200)
        let answer = try await bench.send("GET", "/bucket/k")
        #expect(answer.bytes == body)
        #expect(answer.headers["ETag"] == "\"\(MD5.hex(body))\"")
        try await bench.expectBlobFiles(size > 16_384 ? 1 : 0)
    }

    @Test(arguments: [true, false])
    func adoptsOrCopiesSpooledBodies(_ inStaging: Bool) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let body = ObjectsBench.bytes(2_500_000)
        let answer = try await bench.spooled("PUT", "/bucket/k", [], body, inStaging: inStaging)
        #expect(answer.headers["ETag"] == "\"\(MD5.hex(body))\"")
        #expect(try await bench.send("GET", "/bucket/k").bytes == body)
        try await bench.expectBlobFiles(1)
    }

    @Test func aLargeBodyWithAWrongHashIsRefused() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let body = ObjectsBench.bytes(100_000)
        let hash = SHA256.hex(body)
        #expect(
            try await bench.spooled("PUT", "/bucket/k", [("x-amz-content-sha256", hash)], body).status == 200)
        let wrong = String(repeating: "0", count: 64)
        bench.expect(
            try await bench.spooled("PUT", "/bucket/k2", [("x-amz-content-sha256", wrong)], body), 400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ["<S3ComputedContentSHA256>\(hash)</S3ComputedContentSHA256>"])
        #expect(try await bench.send("GET", "/bucket/k2").status == 404)
        try await bench.expectBlobFiles(1)
    }

    @Test func overwritingReleasesTheOldBody() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for seed: UInt64 in 1...3 {
            let body = ObjectsBench.bytes(50_000, seed: seed)
            #expect(try await bench.send("PUT", "/bucket/k", [], body).status == 200)
            #expect(try await bench.send("GET", "/bucket/k").bytes == body)
        }
        try await bench.expectBlobFiles(1)
        #expect(try await bench.send("PUT", "/bucket/k", [], "small".bytes).status == 200)
        try await bench.expectBlobFiles(0)
    }

    @Test func contentMD5() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let good = Base64.encode(MD5.hash("hello".bytes))
        #expect(
            try await bench.send("PUT", "/bucket/k", [("Content-MD5", good)], "hello".bytes).status == 200)
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("Content-MD5", good)], "hellO".bytes), 400,
            "BadDigest", "The Content-MD5 you specified did not match what we received.",
            ["<ExpectedDigest>\(Hex.encode(MD5.hash("hello".bytes)))</ExpectedDigest>"])
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("Content-MD5", "abc")], "hello".bytes), 400,
            "InvalidDigest", "The Content-MD5 you specified was invalid.")
        #expect(try await bench.send("GET", "/bucket/k").text == "hello")
    }

    @Test func conditions() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let put: ([(String, String)]) async throws -> ObjectsBench.Answer = { headers in
            try await bench.send("PUT", "/bucket/k", headers, "v".bytes)
        }
        bench.expect(
            try await put([("If-Match", "\"abc\"")]), 404, "NoSuchKey",
            "The specified key does not exist.", ["<Key>k</Key>"])
        let tag = try #require(try await put([("If-None-Match", "*")]).headers["ETag"])
        bench.expect(
            try await put([("If-None-Match", "*")]), 412, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            ["<Condition>If-None-Match</Condition>"])
        bench.expect(
            try await put([("If-Match", "\"abc\"")]), 412, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            ["<Condition>If-Match</Condition>"])
        #expect(try await put([("If-Match", tag)]).status == 200)
        let text = "A header you provided implies functionality that is not implemented"
        bench.expect(
            try await put([("If-None-Match", tag)]), 501, "NotImplemented", text,
            [
                "<Header>If-None-Match</Header><additionalMessage>We don't accept the provided value of "
                    + "If-None-Match header for this API</additionalMessage>"
            ])
        bench.expect(
            try await put([("If-Match", "*")]), 501, "NotImplemented", text, ["<Header>If-Match</Header>"])
        bench.expect(
            try await put([("If-Match", tag), ("If-None-Match", "*")]), 501, "NotImplemented", text,
            ["<Header>If-Match,If-None-Match</Header>"])
    }

    @Test func headersAndMetadata() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send(
            "PUT", "/bucket/k",
            [
                ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-cache"),
                ("Content-Encoding", "gzip"), ("Expires", "whenever"), ("X-Amz-Meta-Color", "red"),
                ("x-amz-meta-name", "Zoë"), ("X-Other", "dropped"),
            ], "v".bytes)
        let headers = try await bench.send("GET", "/bucket/k").headers
        #expect(headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(headers["Cache-Control"] == "no-cache")
        #expect(headers["Content-Encoding"] == "gzip")
        #expect(headers["Expires"] == "whenever")
        #expect(headers["x-amz-meta-color"] == "red")
        #expect(headers["x-amz-meta-name"] == "=?UTF-8?Q?Zo=C3=AB?=")
        #expect(headers["X-Other"] == nil)
        try await bench.send("PUT", "/bucket/k", [], "v".bytes)
        let plain = try await bench.send("GET", "/bucket/k").headers
        #expect(plain["Content-Type"] == "binary/octet-stream")
        #expect(plain["x-amz-meta-color"] == nil)
    }

    @Test func refusals() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send("PUT", "/missing/k"), 404, "NoSuchBucket",
            "The specified bucket does not exist")
        bench.expect(
            try await bench.send(
                "PUT", "/bucket/k", [("x-amz-meta-a", String(repeating: "x", count: 2048))]),
            400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("x-amz-storage-class", "WARM")]), 400,
            "InvalidStorageClass", "The storage class you specified is not valid")
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("x-amz-acl", "public-read")]), 400,
            "AccessControlListNotSupported", "The bucket does not allow ACLs")
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("x-amz-write-offset-bytes", "0")]), 501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            ["<Header>x-amz-write-offset-bytes</Header>"])
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [("x-amz-expected-bucket-owner", "111111111111")]),
            403, "AccessDenied", "Access Denied")
        #expect(try await bench.send("GET", "/bucket/k").status == 404)
    }

    @Test(arguments: [FaultPoint.blobWrite, .blobSync, .blobRename, .commitWrite])
    func afterAFaultInTheMiddleTheOldObjectIsThere(_ point: FaultPoint) async throws {
        let armed = Switch()
        let bench = try ObjectsBench(
            faults: FaultInjector { reached throws(StoreError) in
                if reached == point, armed.isOn { throw .injected(point) }
            })
        try await bench.bucket()
        let old = ObjectsBench.bytes(30_000, seed: 1)
        try await bench.send("PUT", "/bucket/k", [("x-amz-meta-v", "1")], old)
        armed.isOn = true
        let failed = try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(30_000, seed: 2))
        bench.expect(
            failed, 500, "InternalError", "We encountered an internal error. Please try again.")
        armed.isOn = false
        let answer = try await bench.send("GET", "/bucket/k")
        #expect(answer.bytes == old)
        #expect(answer.headers["x-amz-meta-v"] == "1")
        #expect(try await bench.send("PUT", "/bucket/k", [], "new".bytes).status == 200)
        #expect(try await bench.send("GET", "/bucket/k").text == "new")
    }
}

/// A flag that a fault injector may read on any thread.
private final class Switch: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isOn: Bool {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}
