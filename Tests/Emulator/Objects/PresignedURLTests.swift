import Bytes
import HTTPTypes
import Signing
import Testing

/// Presigned PUT and GET as a browser uses them.
@Suite struct PresignedURLTests {
    private func bench() async throws -> ObjectsBench {
        let bench = try ObjectsBench(isStrict: true)
        try await bench.service.createBucketIfMissing("bucket")
        return bench
    }

    private func request(
        _ method: String, _ path: String, host: String = "localhost:4566", query: [QueryItem] = [],
        signed: HTTPHeaders = HTTPHeaders(), sent: [(String, String)] = [], body: [UInt8] = []
    ) -> HTTPRequest {
        let url = SigV4Signer(
            credentials: ObjectsBench.key, region: "us-east-1", service: "s3", style: .s3
        ).presign(
            method: method, url: ("http", host, path), query: query, headers: signed, expiresIn: 900,
            at: ObjectsBench.start)
        return HTTPRequest(
            method: method, target: String(url.dropFirst("http://\(host)".utf8.count)),
            headers: HTTPHeaders([("Host", host)] + sent), body: .bytes(body))
    }

    @Test func putAndGet() async throws {
        let bench = try await bench()
        let type = ("Content-Type", "audio/webm")
        let put = try await bench.send(
            request(
                "PUT", "/bucket/audio/a%20b.webm", signed: HTTPHeaders([type]), sent: [type],
                body: "voice".bytes))
        #expect(put.status == 200, "\(put.text)")
        let get = try await bench.send(
            request(
                "GET", "/bucket/audio/a%20b.webm",
                query: [QueryItem("response-content-type", "text/plain")], sent: [("Range", "bytes=1-2")]))
        #expect(get.status == 206)
        #expect(get.text == "oi")
        #expect(get.headers["Content-Type"] == "text/plain")
    }

    @Test func hoistedHeadersCount() async throws {
        let bench = try await bench()
        let put = try await bench.send(
            request(
                "PUT", "/bucket/k",
                query: [QueryItem("x-amz-meta-a", "1"), QueryItem("x-amz-checksum-crc32", "NhCmhg==")],
                body: "hello".bytes))
        #expect(put.status == 200, "\(put.text)")
        let get = try await bench.send(request("GET", "/bucket/k"))
        #expect(get.headers["x-amz-meta-a"] == "1")
        let wrong = try await bench.send(
            request(
                "PUT", "/bucket/k", query: [QueryItem("x-amz-checksum-crc32", "NhCmhg==")],
                body: "hellO".bytes))
        #expect(wrong.element("Code") == "BadDigest")
    }

    @Test func unsignedHeadersAndChangedOnesAreRefused() async throws {
        let bench = try await bench()
        bench.expect(
            try await bench.send(request("PUT", "/bucket/k", sent: [("x-amz-meta-a", "1")])), 403,
            "AccessDenied", "There were headers present in the request which were not signed",
            ["<HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>"])
        let changed = request(
            "PUT", "/bucket/k", signed: ["Content-Type": "a/b"], sent: [("Content-Type", "c/d")])
        #expect(try await bench.send(changed).element("Code") == "SignatureDoesNotMatch")
        #expect(
            try await bench.send(request("PUT", "/bucket/k", signed: ["Content-Type": "a/b"])).element("Code")
                == "SignatureDoesNotMatch")
    }

    @Test func expires() async throws {
        let bench = try await bench()
        bench.clock.advance(milliseconds: 901_000)
        bench.expect(
            try await bench.send(request("GET", "/bucket/k")), 403, "AccessDenied", "Request has expired",
            ["<X-Amz-Expires>900</X-Amz-Expires><Expires>2026-01-02T03:19:05Z</Expires>"])
    }

    @Test(arguments: [
        "bucket.localhost:4566", "bucket.s3.localhost:4566", "bucket.s3.us-east-1.amazonaws.com",
        "bucket.s3.amazonaws.com", "bucket.s3-us-east-1.amazonaws.com",
        "bucket.s3.dualstack.us-east-1.amazonaws.com",
    ])
    func virtualHosts(_ host: String) async throws {
        let bench = try await bench()
        #expect(try await bench.send(request("PUT", "/key", host: host, body: "v".bytes)).status == 200)
        #expect(try await bench.send(request("GET", "/bucket/key")).text == "v")
    }
}
