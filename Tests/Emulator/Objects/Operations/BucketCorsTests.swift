import Bytes
import Digests
import HTTPTypes
import Testing

/// PutBucketCors, GetBucketCors, DeleteBucketCors and what the rules do.
@Suite struct BucketCorsTests {
    private let rules =
        "<CORSRule><ID>one</ID><AllowedHeader>X-*</AllowedHeader><AllowedHeader>content-type</AllowedHeader>"
        + "<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>"
        + "<AllowedOrigin>https://*.example.com</AllowedOrigin><ExposeHeader>ETag</ExposeHeader>"
        + "<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>"
        + "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"

    private func put(_ bench: ObjectsBench, _ rules: String) async throws -> ObjectsBench.Answer {
        let xml = "<CORSConfiguration>\(rules)</CORSConfiguration>".bytes
        return try await bench.send(
            "PUT", "/bucket?cors", [("Content-MD5", Base64.encode(MD5.hash(xml)))], xml)
    }

    private func bench() async throws -> ObjectsBench {
        let bench = try ObjectsBench(isStrict: false)
        try await bench.bucket(keys: ["k"])
        #expect(try await put(bench, rules).status == 200)
        return bench
    }

    @Test func storesAsSent() async throws {
        let bench = try await bench()
        #expect(
            try await bench.send("GET", "/bucket?cors").text
                == ObjectsBench.head + "<CORSConfiguration \(ObjectsBench.namespace)>\(rules)"
                + "</CORSConfiguration>")
        #expect(try await bench.send("DELETE", "/bucket?cors").status == 204)
        #expect(try await bench.send("DELETE", "/bucket?cors").status == 204)
        bench.expect(
            try await bench.send("GET", "/bucket?cors"), 404, "NoSuchCORSConfiguration",
            "The CORS configuration does not exist", ["<BucketName>bucket</BucketName>"])
    }

    @Test func refusals() async throws {
        let bench = try await bench()
        bench.expect(
            try await put(
                bench,
                "<CORSRule><AllowedMethod>PATCH</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"),
            400, "InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"
        )
        bench.expect(
            try await put(bench, ""), 400, "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema")
        bench.expect(
            try await put(
                bench,
                "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*.*</AllowedOrigin></CORSRule>"),
            400, "InvalidRequest", "AllowedOrigin &quot;*.*&quot; can not have more than one wildcard.")
        bench.expect(
            try await bench.send("PUT", "/bucket?cors", [], "<CORSConfiguration/>".bytes), 400,
            "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    }

    @Test func preflight() async throws {
        let bench = try await bench()
        let answer = try await bench.send(
            "OPTIONS", "/bucket/k",
            [
                ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "PUT"),
                ("Access-Control-Request-Headers", "X-Custom,Content-Type"),
            ])
        #expect(answer.status == 200)
        #expect(answer.bytes.isEmpty)
        #expect(answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com")
        #expect(answer.headers["Access-Control-Allow-Methods"] == "PUT, GET")
        #expect(answer.headers["Access-Control-Allow-Headers"] == "x-custom, content-type")
        #expect(answer.headers["Access-Control-Expose-Headers"] == "ETag")
        #expect(answer.headers["Access-Control-Max-Age"] == "600")
        #expect(answer.headers["Access-Control-Allow-Credentials"] == "true")
        #expect(
            answer.headers["Vary"]
                == "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
    }

    @Test func preflightRefusals() async throws {
        let bench = try await bench()
        let no =
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, "
            + "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not "
            + "whitelisted by the resource's CORS spec."
        for headers in [
            [("Origin", "https://evil.org"), ("Access-Control-Request-Method", "PUT")],
            [("Origin", "http://app.example.com"), ("Access-Control-Request-Method", "PUT")],
            [
                ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "PUT"),
                ("Access-Control-Request-Headers", "authorization"),
            ],
        ] {
            bench.expect(
                try await bench.send("OPTIONS", "/bucket/k", headers), 403, "AccessForbidden", no,
                ["<Method>PUT</Method><ResourceType>OBJECT</ResourceType>"])
        }
        bench.expect(
            try await bench.send("OPTIONS", "/bucket/k"), 400, "BadRequest",
            "Insufficient information. Origin request header needed.")
        let headers = [("Origin", "https://a"), ("Access-Control-Request-Method", "GET")]
        bench.expect(
            try await bench.send("OPTIONS", "/missing/k", headers), 403, "AccessForbidden",
            "CORSResponse: Bucket not found")
        try await bench.send("DELETE", "/bucket?cors")
        bench.expect(
            try await bench.send("OPTIONS", "/bucket", headers), 403, "AccessForbidden",
            "CORSResponse: CORS is not enabled for this bucket.",
            ["<Method>GET</Method><ResourceType>BUCKET</ResourceType>"])
    }

    @Test func actualRequests() async throws {
        let bench = try await bench()
        let fits = try await bench.send("GET", "/bucket/k", [("Origin", "https://app.example.com")])
        #expect(fits.status == 200)
        #expect(fits.headers["Access-Control-Allow-Origin"] == "https://app.example.com")
        #expect(fits.headers["Access-Control-Allow-Headers"] == nil)
        let star = try await bench.send("GET", "/bucket/k", [("Origin", "https://evil.org")])
        #expect(star.headers["Access-Control-Allow-Origin"] == "*")
        #expect(star.headers["Access-Control-Allow-Credentials"] == nil)
        let error = try await bench.send("GET", "/bucket/absent", [("Origin", "https://evil.org")])
        #expect(error.status == 404)
        #expect(error.headers["Access-Control-Allow-Origin"] == "*")
        let none = try await bench.send("DELETE", "/bucket/k", [("Origin", "https://evil.org")])
        #expect(none.status == 204)
        #expect(none.headers["Access-Control-Allow-Origin"] == nil)
    }

    @Test func preflightNeedsNoSignatureButAllElseDoes() async throws {
        let bench = try ObjectsBench(isStrict: true)
        try await bench.service.createBucketIfMissing(
            "bucket",
            cors: [.init(allowedOrigins: ["*"], allowedMethods: ["PUT"], allowedHeaders: ["*"])])
        let preflight = try await bench.send(
            "OPTIONS", "/bucket/k", [("Origin", "https://a"), ("Access-Control-Request-Method", "PUT")])
        #expect(preflight.status == 200)
        bench.expect(
            try await bench.send("PUT", "/bucket/k"), 403, "AccessDenied", "Access Denied")
    }
}
