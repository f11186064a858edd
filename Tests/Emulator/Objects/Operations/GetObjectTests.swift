import Bytes
import Clock
import Seeded
import Testing

@testable import Objects

@Suite struct GetObjectTests {
    private let time = "Fri, 02 Jan 2026 03:04:05 GMT"

    private func bench(_ body: String = "0123456789") async throws -> ObjectsBench {
        let bench = try ObjectsBench()
        try await bench.bucket()
        #expect(try await bench.send("PUT", "/bucket/k", [], body.bytes).status == 200)
        bench.clock.advance(milliseconds: 3_600_000)
        return bench
    }

    @Test func answersBytesAndHeaders() async throws {
        let bench = try await bench()
        let answer = try await bench.send("GET", "/bucket/k")
        #expect(answer.status == 200)
        #expect(answer.text == "0123456789")
        #expect(answer.headers["Content-Length"] == "10")
        #expect(answer.headers["ETag"] == "\"781e5e245d69b566979b86e28d23f2c7\"")
        #expect(answer.headers["Last-Modified"] == time)
        #expect(answer.headers["Accept-Ranges"] == "bytes")
        #expect(answer.headers["x-amz-checksum-crc64nvme"] == nil)
        #expect(answer.headers["x-amz-storage-class"] == nil)
    }

    @Test(
        arguments: [
            ("bytes=0-0", 206, "0", "bytes 0-0/10"), ("bytes=2-4", 206, "234", "bytes 2-4/10"),
            ("bytes=7-", 206, "789", "bytes 7-9/10"), ("bytes=-3", 206, "789", "bytes 7-9/10"),
            ("bytes=-100", 206, "0123456789", "bytes 0-9/10"), ("bytes=8-100", 206, "89", "bytes 8-9/10"),
            ("bytes=0-1,3-4", 200, "0123456789", nil), ("bytes=4-2", 200, "0123456789", nil),
            ("bytes=-", 200, "0123456789", nil), ("bytes=--1", 200, "0123456789", nil),
            ("bytes=0--1", 200, "0123456789", nil), ("lines=0-1", 200, "0123456789", nil),
            ("bytes=a-b", 200, "0123456789", nil), ("0-1", 200, "0123456789", nil),
        ] as [(String, Int, String, String?)])
    func ranges(_ range: String, _ status: Int, _ text: String, _ contentRange: String?) async throws {
        let bench = try await bench()
        let answer = try await bench.send("GET", "/bucket/k", [("Range", range)])
        #expect(answer.status == status)
        #expect(answer.text == text)
        #expect(answer.headers["Content-Range"] == contentRange)
        #expect(answer.headers["Content-Length"] == String(text.utf8.count))
    }

    @Test(arguments: ["bytes=10-", "bytes=10-11", "bytes=-0", "bytes=99999999999999999999-"])
    func rangesThatCannotBe(_ range: String) async throws {
        let bench = try await bench()
        bench.expect(
            try await bench.send("GET", "/bucket/k", [("Range", range)]), 416, "InvalidRange",
            "The requested range is not satisfiable",
            [
                "<ActualObjectSize>10</ActualObjectSize><RangeRequested>\(range)</RangeRequested>"
            ])
        let empty = try await self.bench("")
        #expect(try await empty.send("GET", "/bucket/k", [("Range", "bytes=0-")]).status == 416)
    }

    @Test func rangesOfABlob() async throws {
        let bench = try await bench()
        let body = ObjectsBench.bytes(100_000)
        try await bench.send("PUT", "/bucket/k", [], body)
        let answer = try await bench.send("GET", "/bucket/k", [("Range", "bytes=50000-50009")])
        #expect(answer.bytes == Array(body[50_000..<50_010]))
    }

    @Test func checksumsOnlyWithTheWholeObject() async throws {
        let bench = try await bench()
        let mode = ("x-amz-checksum-mode", "ENABLED")
        let name = "x-amz-checksum-crc64nvme"
        #expect(try await bench.send("GET", "/bucket/k", [mode]).headers[name] != nil)
        let whole = try await bench.send("GET", "/bucket/k", [mode, ("Range", "bytes=0-100")])
        #expect(whole.status == 206)
        #expect(whole.headers[name] != nil)
        #expect(
            try await bench.send("GET", "/bucket/k", [mode, ("Range", "bytes=0-8")]).headers[name] == nil)
    }

    @Test func conditions() async throws {
        let bench = try await bench()
        let tag = "\"781e5e245d69b566979b86e28d23f2c7\""
        let (before, after) = ("Fri, 02 Jan 2026 03:04:04 GMT", "Fri, 02 Jan 2026 03:30:00 GMT")
        let get: ([(String, String)]) async throws -> ObjectsBench.Answer = { headers in
            try await bench.send("GET", "/bucket/k", headers)
        }
        #expect(try await get([("If-Match", tag)]).status == 200)
        #expect(try await get([("If-Match", String(tag.dropFirst().dropLast()))]).status == 200)
        #expect(try await get([("If-Match", "*")]).status == 200)
        for headers in [
            [("If-Match", "\"x\"")], [("If-Match", "\"x\""), ("If-Unmodified-Since", after)],
        ] {
            bench.expect(
                try await get(headers), 412, "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
                ["<Condition>If-Match</Condition>"])
        }
        bench.expect(
            try await get([("If-Unmodified-Since", before)]), 412, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            ["<Condition>If-Unmodified-Since</Condition>"])
        #expect(try await get([("If-Unmodified-Since", time)]).status == 200)
        #expect(try await get([("If-Match", tag), ("If-Unmodified-Since", before)]).status == 200)
        for headers in [
            [("If-None-Match", tag)], [("If-Modified-Since", time)], [("If-Modified-Since", after)],
            [("If-None-Match", tag), ("If-Modified-Since", before)],
        ] {
            let answer = try await get(headers)
            #expect(answer.status == 304)
            #expect(answer.bytes.isEmpty)
            #expect(answer.headers["ETag"] == tag)
        }
        #expect(try await get([("If-None-Match", "\"x\"")]).status == 200)
        #expect(try await get([("If-Modified-Since", before)]).status == 200)
        let future = "Fri, 02 Jan 2032 00:00:00 GMT"
        #expect(try await get([("If-Modified-Since", future)]).status == 200)
        #expect(try await get([("If-Modified-Since", "rubbish")]).status == 200)
    }

    @Test func overridesOfResponseHeaders() async throws {
        let bench = try await bench()
        let answer = try await bench.send(
            "GET",
            "/bucket/k?response-content-type=text%2Fhtml&response-content-disposition=attachment%3B%20x"
                + "&response-cache-control=none&response-expires=e&response-content-language=l"
                + "&response-content-encoding=c")
        #expect(answer.headers["Content-Type"] == "text/html")
        #expect(answer.headers["Content-Disposition"] == "attachment; x")
        #expect(answer.headers["Cache-Control"] == "none")
        #expect(answer.headers["Expires"] == "e")
        #expect(answer.headers["Content-Language"] == "l")
        #expect(answer.headers["Content-Encoding"] == "c")
        bench.expect(
            try await bench.send("GET", "/bucket/k?response-content-type=%E4%BD%A0"), 400,
            "InvalidArgument", "Header value cannot be represented using ISO-8859-1.")
        #expect(
            try await bench.send("GET", "/bucket/k?response-content-type=a%0D%0Ab").status == 400)
    }

    @Test func partNumbersAndVersions() async throws {
        let bench = try await bench()
        let part = try await bench.send("GET", "/bucket/k?partNumber=1")
        #expect(part.status == 206)
        #expect(part.text == "0123456789")
        bench.expect(
            try await bench.send("GET", "/bucket/k?partNumber=2"), 416, "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            ["<ActualPartCount>1</ActualPartCount><PartNumberRequested>2</PartNumberRequested>"])
        bench.expect(
            try await bench.send("GET", "/bucket/k?partNumber=1", [("Range", "bytes=0-1")]), 400,
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
        #expect(try await bench.send("GET", "/bucket/k?versionId=null").status == 200)
        bench.expect(
            try await bench.send("GET", "/bucket/k?versionId=x"), 400, "InvalidArgument",
            "Invalid version id specified")
        var random = SeededRandom(seed: 7)
        let version = VersionID(order: 1 << 40, using: &random).text
        bench.expect(
            try await bench.send("GET", "/bucket/k?versionId=\(version)"), 404, "NoSuchVersion",
            "The specified version does not exist.", ["<VersionId>\(version)</VersionId>"])
    }

    @Test func missingBucketComesBeforeMissingKey() async throws {
        let bench = try await bench()
        bench.expect(
            try await bench.send("GET", "/missing/k"), 404, "NoSuchBucket",
            "The specified bucket does not exist")
        let answer = try await bench.send("GET", "/bucket/no/such%26key")
        #expect(
            answer.text.hasPrefix(
                ObjectsBench.head + "<Error><Code>NoSuchKey</Code><Message>The specified key does not "
                    + "exist.</Message><Key>no/such&amp;key</Key><RequestId>"))
    }

    @Test func archivedObjectsCannotBeRead() async throws {
        let bench = try await bench()
        try await bench.send("PUT", "/bucket/k", [("x-amz-storage-class", "GLACIER")], "x".bytes)
        bench.expect(
            try await bench.send("GET", "/bucket/k"), 403, "InvalidObjectState",
            "The operation is not valid for the object's storage class",
            ["<StorageClass>GLACIER</StorageClass>"])
        #expect(try await bench.send("HEAD", "/bucket/k").headers["x-amz-storage-class"] == "GLACIER")
    }
}
