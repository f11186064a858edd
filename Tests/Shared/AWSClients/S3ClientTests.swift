import AWSClients
import Bytes
import HTTPClient
import HTTPTypes
import Testing

@Suite struct S3ClientTests {
    private let delays = Delays()

    private func client(_ http: FakeTransport, _ configuration: AWSConfiguration = Sample.configuration())
        -> S3Client
    {
        S3Client(configuration, http: http, clock: Sample.clock, retry: delays.policy)
    }

    private func failure(_ body: () throws(AWSServiceError) -> Void) -> AWSServiceError? {
        do {
            try body()
            Issue.record("no error")
            return nil
        } catch {
            return error
        }
    }

    /// The signature is botocore's for the same request.
    @Test func putOnTheWire() throws {
        let http = FakeTransport(200, headers: ["ETag": "\"49f6\""])
        let etag = try client(http).put(
            bucket: "b", key: "a b/é.txt", body: Array("hi".utf8), contentType: "text/plain",
            metadata: ["who": "me"])
        #expect(etag == "\"49f6\"")
        let request = try #require(http.requests.first)
        #expect(request.method == "PUT" && request.target == "/b/a%20b/%C3%A9.txt")
        #expect(request.body.bytes == Array("hi".utf8))
        #expect(
            request.headers == [
                "Content-Type": "text/plain", "x-amz-meta-who": "me", "Host": "127.0.0.1:4566",
                "X-Amz-Date": "20260102T030405Z",
                "x-amz-content-sha256": "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/s3/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-who, Signature=ff1d46a465c64c42b30b88c7bd003f41d32eec3d08c688d01c389526ec380c68",
            ])
    }

    /// Both URLs are botocore's for the same request.
    @Test func presignedURLs() {
        let client = client(FakeTransport([]))
        let base =
            "http://127.0.0.1:4566/b/k.wav?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-SignedHeaders="
        #expect(
            client.presignGet(bucket: "b", key: "k.wav", expiresIn: 300) == base
                + "host&X-Amz-Signature=c74d71b704c26a84542bf46d401d82ae83ff430f1cd52abfe493c3671f617948")
        let put = client.presignPut(
            bucket: "b", key: "k.wav", contentType: "audio/wav", contentLength: 44, expiresIn: 300)
        #expect(
            put.url == base
                + "content-length%3Bcontent-type%3Bhost&X-Amz-Signature=7284666a6e95691e7c403c9a55303d33d35033b438fe2ea767c94460c0b49750"
        )
        #expect(put.headers.map { "\($0.0): \($0.1)" } == ["content-type: audio/wav", "content-length: 44"])
        #expect(
            client.presignPut(bucket: "b", key: "k", contentType: "a/b", contentLength: nil, expiresIn: 1)
                .headers.count == 1)
    }

    @Test func bucketInTheHostNameOnAWS() throws {
        let aws = Sample.configuration(endpoint: "https://s3.us-east-1.amazonaws.com", pathStyle: false)
        let http = FakeTransport([
            .success(HTTPResponse(status: 204)), .success(HTTPResponse(status: 204)),
            .success(HTTPResponse(status: 200)),
        ])
        let client = client(http, aws)
        try client.delete(bucket: "media", key: "x/y")
        try client.delete(bucket: "with.dots", key: "x")
        try client.headBucket("media")
        #expect(http.requests.map(\.target) == ["/x/y", "/with.dots/x", "/"])
        #expect(
            http.requests.map { $0.headers["Host"] } == [
                "media.s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com",
                "media.s3.us-east-1.amazonaws.com",
            ])
        #expect(http.places[0].host == "media.s3.us-east-1.amazonaws.com")
        #expect(
            client.presignGet(bucket: "media", key: "k", expiresIn: 9)
                .hasPrefix("https://media.s3.us-east-1.amazonaws.com/k?"))
    }

    @Test func endpointWithAPath() throws {
        let http = FakeTransport(200)
        try client(http, Sample.configuration(endpoint: "http://127.0.0.1:1/s3/")).headBucket("b")
        #expect(http.requests[0].target == "/s3/b")
    }

    @Test func getReadsObjectAndMetadata() throws {
        let http = FakeTransport(
            206, "hello",
            headers: ["Content-Type": "text/plain", "ETag": "\"e\"", "X-Amz-Meta-Who": "me", "Other": "x"])
        let object = try client(http).get(bucket: "b", key: "k", maxBytes: 5)
        #expect(
            object
                == S3Object(
                    body: Array("hello".utf8), contentType: "text/plain", etag: "\"e\"",
                    metadata: ["who": "me"]))
        #expect(http.requests[0].headers["Range"] == "bytes=0-5")
        let tooLarge = failure { () throws(AWSServiceError) in
            _ = try client(FakeTransport(206, "hello!")).get(bucket: "b", key: "k", maxBytes: 5)
        }
        #expect(tooLarge?.code == "ResponseTooLarge" && tooLarge?.retryable == false)
    }

    @Test func emptyObject() throws {
        let http = FakeTransport([
            .success(HTTPResponse(status: 416)),
            .success(HTTPResponse(status: 200, headers: ["ETag": "\"e\""])),
        ])
        #expect(try client(http).get(bucket: "b", key: "k", maxBytes: 5).body == [])
        #expect(http.requests[1].headers["Range"] == nil)
    }

    @Test func headReadsSize() throws {
        let http = FakeTransport(
            200, headers: ["Content-Length": "77", "Content-Type": "image/png", "ETag": "\"e\""])
        #expect(
            try client(http).head(bucket: "b", key: "k")
                == S3ObjectInfo(contentType: "image/png", size: 77, etag: "\"e\""))
    }

    @Test func errorsFromXMLAndFromStatus() {
        let xml =
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>a &lt;b&gt; &amp;amp; &unknown;</Message></Error>"
        let get = failure { () throws(AWSServiceError) in
            _ = try client(FakeTransport(404, xml)).get(bucket: "b", key: "k", maxBytes: 1)
        }
        #expect(get?.code == "NoSuchKey" && get?.status == 404 && get?.message == "a <b> &amp; &unknown;")
        let head = failure { () throws(AWSServiceError) in
            _ = try client(FakeTransport(404)).head(bucket: "b", key: "k")
        }
        #expect(head?.code == "NotFound" && head?.message == "Not Found")
        let forbidden = failure { () throws(AWSServiceError) in
            try client(FakeTransport(403)).headBucket("b")
        }
        #expect(forbidden?.code == "Forbidden" && delays.all.isEmpty)
    }

    @Test func slowDownIsRepeated() throws {
        let slow = HTTPResponse(
            status: 503, body: .bytes("<Error><Code>SlowDown</Code></Error>".bytes))
        let http = FakeTransport([
            .success(slow), .failure(.timeout(.read)), .success(HTTPResponse(status: 204)),
        ])
        try client(http).delete(bucket: "b", key: "k")
        #expect(delays.all == [25, 50])
    }
}
