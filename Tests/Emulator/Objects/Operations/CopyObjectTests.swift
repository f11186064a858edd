import Bytes
import Digests
import Testing

@Suite struct CopyObjectTests {
    private func bench() async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.bucket("other")
        try await bench.send(
            "PUT", "/bucket/a%20b+c",
            [("Content-Type", "text/x"), ("x-amz-meta-k", "v"), ("x-amz-checksum-crc32", "NhCmhg==")],
            "hello".bytes)
        return bench
    }

    @Test func copiesBytesAndMetadata() async throws {
        let bench = try await bench()
        let answer = try await bench.send(
            "PUT", "/other/copy",
            [("x-amz-copy-source", "/bucket/a%20b%2Bc"), ("x-amz-meta-k", "ignored")])
        #expect(
            answer.text == ObjectsBench.head
                + "<CopyObjectResult \(ObjectsBench.namespace)><LastModified>2026-01-02T03:04:05.000Z"
                + "</LastModified><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>"
                + "<ChecksumCRC32>NhCmhg==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>"
                + "</CopyObjectResult>")
        let copy = try await bench.send("GET", "/other/copy")
        #expect(copy.text == "hello")
        #expect(copy.headers["Content-Type"] == "text/x")
        #expect(copy.headers["x-amz-meta-k"] == "v")
    }

    @Test func replacesMetadata() async throws {
        let bench = try await bench()
        let answer = try await bench.send(
            "PUT", "/bucket/a%20b+c",
            [
                ("x-amz-copy-source", "bucket/a%20b%2Bc"), ("x-amz-metadata-directive", "REPLACE"),
                ("x-amz-meta-n", "1"),
            ])
        #expect(answer.status == 200)
        let copy = try await bench.send("GET", "/bucket/a%20b+c")
        #expect(copy.text == "hello")
        #expect(copy.headers["Content-Type"] == "binary/octet-stream")
        #expect(copy.headers["x-amz-meta-k"] == nil)
        #expect(copy.headers["x-amz-meta-n"] == "1")
    }

    @Test func copiesABlobIntoItsOwn() async throws {
        let bench = try await bench()
        let body = ObjectsBench.bytes(60_000)
        try await bench.send("PUT", "/bucket/big", [], body)
        #expect(
            try await bench.send("PUT", "/other/big", [("x-amz-copy-source", "bucket/big")]).status == 200)
        try await bench.expectBlobFiles(2)
        try await bench.send("DELETE", "/bucket/big")
        #expect(try await bench.send("GET", "/other/big").bytes == body)
    }

    @Test func refusals() async throws {
        let bench = try await bench()
        let source = ("x-amz-copy-source", "/bucket/a%20b%2Bc")
        bench.expect(
            try await bench.send("PUT", "/bucket/a%20b+c", [source]), 400, "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing "
                + "the object's metadata, storage class, website redirect location or encryption attributes."
        )
        bench.expect(
            try await bench.send("PUT", "/bucket/x", [("x-amz-copy-source", "bucket")]), 400,
            "InvalidArgument", "Invalid copy source object key",
            ["<ArgumentName>x-amz-copy-source</ArgumentName><ArgumentValue>x-amz-copy-source</ArgumentValue>"]
        )
        bench.expect(
            try await bench.send("PUT", "/bucket/x", [("x-amz-copy-source", "bucket/absent")]), 404,
            "NoSuchKey", "The specified key does not exist.", ["<Key>absent</Key>"])
        bench.expect(
            try await bench.send("PUT", "/absent/x", [source]), 404, "NoSuchBucket",
            "The specified bucket does not exist")
    }

    @Test(arguments: [
        ("if-match", "x", "If-Match"),
        ("if-none-match", "5d41402abc4b2a76b9719d911017c592", "If-None-Match"),
        ("if-unmodified-since", "Thu, 01 Jan 2026 00:00:00 GMT", "If-Unmodified-Since"),
        ("if-modified-since", "Fri, 02 Jan 2026 03:04:05 GMT", "If-Modified-Since"),
    ])
    func conditionsOfTheSource(_ name: String, _ value: String, _ condition: String) async throws {
        let bench = try await bench()
        bench.expect(
            try await bench.send(
                "PUT", "/other/x",
                [("x-amz-copy-source", "/bucket/a%20b%2Bc"), ("x-amz-copy-source-\(name)", value)]),
            412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
            ["<Condition>x-amz-copy-source-\(condition)</Condition>"])
    }
}
