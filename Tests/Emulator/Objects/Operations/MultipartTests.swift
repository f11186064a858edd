import Bytes
import Digests
import Testing

/// Create, UploadPart, UploadPartCopy, ListParts, ListMultipartUploads, Complete, Abort.
@Suite struct MultipartTests {
    private static let fiveMiB = 5 << 20

    private func begin(
        _ bench: ObjectsBench, _ key: String = "k", _ headers: [(String, String)] = []
    ) async throws -> String {
        let answer = try await bench.send("POST", "/bucket/\(key)?uploads", headers)
        #expect(answer.status == 200)
        #expect(answer.element("Key") == key)
        return try #require(answer.element("UploadId"))
    }

    private func list(_ parts: [(Int, String)]) -> [UInt8] {
        let xml = parts.map { "<Part><PartNumber>\($0)</PartNumber><ETag>\($1)</ETag></Part>" }
        return "<CompleteMultipartUpload>\(xml.joined())</CompleteMultipartUpload>".bytes
    }

    @Test func joinsPartsInOrder() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await begin(bench, "k", [("Content-Type", "audio/x"), ("x-amz-meta-a", "1")])
        bench.clock.advance(milliseconds: 5000)
        let parts = [
            (2, ObjectsBench.bytes(Self.fiveMiB, seed: 2)), (7, ObjectsBench.bytes(20_000, seed: 7)),
            (1, ObjectsBench.bytes(Self.fiveMiB, seed: 1)),
        ]
        for (number, body) in parts {
            let answer = try await bench.send(
                "PUT", "/bucket/k?partNumber=\(number)&uploadId=\(id)", [], body)
            #expect(answer.headers["ETag"] == "\"\(MD5.hex(body))\"")
        }
        #expect(try await bench.send("GET", "/bucket/k").status == 404)
        let sorted = parts.sorted { $0.0 < $1.0 }
        let answer = try await bench.send(
            "POST", "/bucket/k?uploadId=\(id)", [], list(sorted.map { ($0.0, "\"\(MD5.hex($0.1))\"") }))
        let etag = MD5.hex(sorted.flatMap { MD5.hash($0.1) }) + "-3"
        let whole = sorted.flatMap(\.1)
        let checksum = Base64.encode(ByteOrder.bytes(CRC64NVME.checksum(whole)))
        #expect(
            answer.text == ObjectsBench.head
                + "<CompleteMultipartUploadResult \(ObjectsBench.namespace)>"
                + "<Location>http://localhost:4566/bucket/k</Location><Bucket>bucket</Bucket><Key>k</Key>"
                + "<ETag>&quot;\(etag)&quot;</ETag><ChecksumCRC64NVME>\(checksum)</ChecksumCRC64NVME>"
                + "<ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>")
        let object = try await bench.send("GET", "/bucket/k")
        #expect(object.bytes == whole)
        #expect(object.headers["ETag"] == "\"\(etag)\"")
        #expect(object.headers["Content-Type"] == "audio/x")
        #expect(object.headers["x-amz-meta-a"] == "1")
        #expect(object.headers["Last-Modified"] == "Fri, 02 Jan 2026 03:04:05 GMT")
        try await bench.expectBlobFiles(3)
        let part = try await bench.send("GET", "/bucket/k?partNumber=3")
        #expect(part.bytes == parts[1].1)
        #expect(part.headers["x-amz-mp-parts-count"] == "3")
        let gone = try await bench.send("GET", "/bucket/k?uploadId=\(id)")
        bench.expect(
            gone, 404, "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                + "aborted or completed.", ["<UploadId>\(id)</UploadId>"])
    }

    @Test func refusalsLeaveTheUploadAlive() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await begin(bench)
        let body = "small".bytes
        let tag = MD5.hex(body)
        for number in [1, 2] {
            try await bench.send("PUT", "/bucket/k?partNumber=\(number)&uploadId=\(id)", [], body)
        }
        let complete: ([UInt8]) async throws -> ObjectsBench.Answer = { xml in
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], xml)
        }
        bench.expect(
            try await complete(list([])), 400, "InvalidRequest", "You must specify at least one part")
        bench.expect(
            try await complete("x".bytes), 400, "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema")
        for order in [[(2, tag), (1, tag)], [(1, tag), (1, tag)]] {
            bench.expect(
                try await complete(list(order)), 400, "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.")
        }
        for wrong in [(3, tag), (1, "0000")] {
            bench.expect(
                try await complete(list([wrong])), 400, "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been "
                    + "uploaded, or the specified entity tag may not match the part's entity tag.",
                ["<PartNumber>\(wrong.0)</PartNumber><ETag>\(wrong.1)</ETag>"])
        }
        bench.expect(
            try await complete(list([(1, tag), (2, tag)])), 400, "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            [
                "<ProposedSize>5</ProposedSize><MinSizeAllowed>5242880</MinSizeAllowed>"
                    + "<PartNumber>1</PartNumber><ETag>\(tag)</ETag>"
            ])
        bench.expect(
            try await bench.send(
                "POST", "/bucket/k?uploadId=\(id)", [("x-amz-mp-object-size", "4")], list([(2, tag)])),
            400, "InvalidRequest",
            "The provided 'x-amz-mp-object-size' header value 4 does not match what was computed: 5")
        // A subset is fine; the rest is dropped.
        #expect(try await complete(list([(2, tag)])).status == 200)
        #expect(
            try await bench.send("GET", "/bucket/k").headers["ETag"] == "\"\(MD5.hex(MD5.hash(body)))-1\"")
    }

    @Test func partNumbersAndUnknownUploads() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await begin(bench)
        for number in ["0", "10001", "x", ""] {
            bench.expect(
                try await bench.send("PUT", "/bucket/k?partNumber=\(number)&uploadId=\(id)", [], [1]), 400,
                "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
        }
        for (method, target) in [
            ("PUT", "/bucket/k?partNumber=1&uploadId=x"), ("PUT", "/bucket/z?partNumber=1&uploadId=\(id)"),
            ("GET", "/bucket/k?uploadId=x"), ("DELETE", "/bucket/k?uploadId=x"),
        ] {
            #expect(try await bench.send(method, target).element("Code") == "NoSuchUpload")
        }
    }

    @Test func listsParts() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await begin(bench)
        for number in [3, 1, 300] {
            try await bench.send(
                "PUT", "/bucket/k?partNumber=\(number)&uploadId=\(id)", [], "\(number)".bytes)
        }
        let all = try await bench.send("GET", "/bucket/k?uploadId=\(id)")
        #expect(all.elements("PartNumber") == ["1", "3", "300"])
        #expect(all.elements("Size") == ["1", "1", "3"])
        #expect(all.element("NextPartNumberMarker") == "300")
        #expect(!all.text.contains("Checksum"))
        let page = try await bench.send("GET", "/bucket/k?uploadId=\(id)&max-parts=1&part-number-marker=1")
        #expect(page.elements("PartNumber") == ["3"])
        #expect(page.element("IsTruncated") == "true")
    }

    @Test func aPartIsReplaced() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await begin(bench)
        for seed: UInt64 in [1, 2] {
            let body = ObjectsBench.bytes(30_000, seed: seed)
            try await bench.send("PUT", "/bucket/k?partNumber=1&uploadId=\(id)", [], body)
        }
        try await bench.expectBlobFiles(1)
        #expect(try await bench.send("DELETE", "/bucket/k?uploadId=\(id)").status == 204)
        try await bench.expectBlobFiles(0)
    }

    @Test func listsUploads() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let b1 = try await begin(bench, "b")
        let a = try await begin(bench, "a")
        let b2 = try await begin(bench, "b")
        _ = try await begin(bench, "dir/x")
        let all = try await bench.send("GET", "/bucket?uploads&delimiter=/")
        #expect(all.elements("UploadId") == [a, b1, b2])
        #expect(all.elements("CommonPrefixes") == ["<Prefix>dir/</Prefix>"])
        #expect(all.element("NextKeyMarker") == "dir/")
        let page = try await bench.send(
            "GET", "/bucket?uploads&max-uploads=1&key-marker=b&upload-id-marker=\(b1)")
        #expect(page.elements("UploadId") == [b2])
        #expect(page.element("NextUploadIdMarker") == b2)
        #expect(page.element("IsTruncated") == "true")
        bench.expect(
            try await bench.send("GET", "/bucket?uploads&key-marker=b&upload-id-marker=x"), 400,
            "InvalidArgument", "Invalid uploadId marker")
    }

    @Test func copiesAPart() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["0123456789"])
        let id = try await begin(bench)
        let target = "/bucket/k?partNumber=1&uploadId=\(id)"
        let source = ("x-amz-copy-source", "/bucket/0123456789")
        let answer = try await bench.send(
            "PUT", target, [source, ("x-amz-copy-source-range", "bytes=2-4")])
        #expect(
            answer.text == ObjectsBench.head
                + "<CopyPartResult \(ObjectsBench.namespace)><LastModified>2026-01-02T03:04:05.000Z"
                + "</LastModified><ETag>&quot;\(MD5.hex("234"))&quot;</ETag></CopyPartResult>")
        #expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], list([(1, MD5.hex("234"))])).status
                == 200)
        #expect(try await bench.send("GET", "/bucket/k").text == "234")
        let other = try await begin(bench)
        let next = "/bucket/k?partNumber=1&uploadId=\(other)"
        bench.expect(
            try await bench.send("PUT", next, [source, ("x-amz-copy-source-range", "bytes=2-10")]), 400,
            "InvalidArgument", "Range specified is not valid for source object of size: 10")
        bench.expect(
            try await bench.send("PUT", next, [source, ("x-amz-copy-source-range", "bytes=2-")]), 400,
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
                + "the zero-based offsets of the first and last bytes to copy")
    }

    @Test func compositeChecksums() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let created = try await bench.send(
            "POST", "/bucket/k?uploads", [("x-amz-checksum-algorithm", "SHA256")])
        #expect(created.headers["x-amz-checksum-type"] == "COMPOSITE")
        let id = try #require(created.element("UploadId"))
        let target = "/bucket/k?partNumber=1&uploadId=\(id)"
        bench.expect(
            try await bench.send("PUT", target, [("x-amz-checksum-crc32", "NhCmhg==")], "hello".bytes), 400,
            "InvalidRequest",
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32")
        let raw = SHA256.hash("hello".bytes)
        let value = Base64.encode(raw)
        let part = try await bench.send("PUT", target, [("x-amz-checksum-sha256", value)], "hello".bytes)
        #expect(part.headers["x-amz-checksum-sha256"] == value)
        bench.expect(
            try await bench.send(
                "POST", "/bucket/k?uploadId=\(id)", [], list([(1, MD5.hex("hello"))])), 400,
            "InvalidRequest",
            "The upload was created using a sha256 checksum. The complete request must include the checksum "
                + "for each part. It was missing for part 1 in the request.")
        let xml =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(MD5.hex("hello"))</ETag>"
            + "<ChecksumSHA256>\(value)</ChecksumSHA256></Part></CompleteMultipartUpload>"
        let done = try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], xml.bytes)
        let composite = Base64.encode(SHA256.hash(raw)) + "-1"
        #expect(done.element("ChecksumSHA256") == composite)
        let head = try await bench.send("HEAD", "/bucket/k", [("x-amz-checksum-mode", "ENABLED")])
        #expect(head.headers["x-amz-checksum-sha256"] == composite)
        #expect(head.headers["x-amz-checksum-type"] == "COMPOSITE")
    }

    @Test func checksumTypesThatCannotBe() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for (headers, message) in [
            (
                [("x-amz-checksum-type", "FULL_OBJECT")],
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            ),
            (
                [("x-amz-checksum-algorithm", "SHA1"), ("x-amz-checksum-type", "FULL_OBJECT")],
                "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm."
            ),
            (
                [("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "COMPOSITE")],
                "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."
            ),
        ] {
            bench.expect(
                try await bench.send("POST", "/bucket/k?uploads", headers), 400, "InvalidRequest", message)
        }
    }

    @Test func conditionsAtCompletion() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        let id = try await begin(bench)
        try await bench.send("PUT", "/bucket/k?partNumber=1&uploadId=\(id)", [], "x".bytes)
        let body = list([(1, MD5.hex("x"))])
        bench.expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [("If-None-Match", "*")], body), 412,
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        try await bench.send("PUT", "/bucket/k", [], "newer".bytes)
        bench.expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [("If-Match", MD5.hex("k"))], body), 412,
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        let conflict =
            "The conditional request cannot succeed due to a conflicting operation against this resource."
        bench.expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [("If-Match", MD5.hex("newer"))], body),
            409, "ConditionalRequestConflict", conflict,
            ["<Condition>If-Match</Condition><Key>k</Key>"])
        try await bench.send("DELETE", "/bucket/k")
        bench.expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [("If-Match", MD5.hex("newer"))], body),
            404, "NoSuchKey", "The specified key does not exist.")
        bench.expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [("If-None-Match", "*")], body), 409,
            "ConditionalRequestConflict", conflict, ["<Condition>If-None-Match</Condition><Key>k</Key>"])
        try await bench.expectBlobFiles(0)
    }
}
