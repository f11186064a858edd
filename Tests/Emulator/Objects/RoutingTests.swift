import Bytes
import Testing

/// What is not served is refused in S3's words, and never falls through to something else.
@Suite struct RoutingTests {
    @Test(arguments: [
        ("POST", "/bucket?metadataTable", "CreateBucketMetadataTableConfiguration"),
        ("GET", "/bucket?session", "CreateSession"), ("GET", "/bucket?abac", "GetBucketAbac"),
        ("GET", "/bucket/k?torrent", "GetObjectTorrent"),
        ("PUT", "/bucket/k?annotation&annotationName=a", "PutObjectAnnotation"),
        ("GET", "/bucket/k?annotation", "ListObjectAnnotations"),
        ("POST", "/bucket/k?select&select-type=2", "SelectObjectContent"),
    ])
    func unsupportedOperationsAreNamed(_ method: String, _ path: String, _ name: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        bench.expect(
            try await bench.send(method, path), 501, "NotImplemented",
            "\(name) is not supported by this emulator.")
        #expect(try await bench.send("GET", "/bucket/k").text == "k")
    }

    @Test(arguments: [
        ("POST", "/bucket?acl", "GET, PUT"), ("DELETE", "/bucket?versioning", "GET, PUT"),
        ("HEAD", "/bucket?policy", "DELETE, GET, PUT"), ("PUT", "/bucket/k?torrent", "GET"),
        ("PUT", "/bucket/k?uploads", "POST, GET"), ("HEAD", "/bucket/k?uploadId=x", "DELETE, POST, GET"),
    ])
    func methodsThatSubresourcesDoNotHave(_ method: String, _ path: String, _ allow: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        let answer = try await bench.send(method, path)
        #expect(answer.status == 405)
        #expect(answer.headers["Allow"] == allow)
    }

    @Test func subresourcesOfSomethingElse() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        bench.expect(
            try await bench.send("PUT", "/bucket/k?lifecycle"), 501, "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            ["<Header>lifecycle</Header>"])
    }

    @Test func twoSubresources() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send("GET", "/bucket?policy&acl"), 400, "InvalidArgument",
            "Conflicting query string parameters: acl, policy",
            ["<ArgumentName>ResourceType</ArgumentName><ArgumentValue>acl</ArgumentValue>"])
    }

    @Test func methods() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        let patch = try await bench.send("PATCH", "/bucket")
        bench.expect(
            patch, 405, "MethodNotAllowed", "The specified method is not allowed against this resource.",
            ["<Method>PATCH</Method><ResourceType>BUCKET</ResourceType>"])
        #expect(patch.headers["Allow"] == "HEAD, DELETE, POST, GET, PUT")
        let head = try await bench.send("HEAD", "/bucket?location")
        #expect(head.status == 405)
        #expect(head.headers["Allow"] == "GET")
        #expect(head.bytes.isEmpty)
        bench.expect(
            try await bench.send("POST", "/bucket"), 412, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            ["<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>"])
        #expect(try await bench.send("PUT", "/").status == 405)
        #expect(try await bench.send("GET", "/bucket/k?x-id=GetObject").text == "k")
    }

    @Test func everyAnswerCarriesItsIdentifiers() async throws {
        let bench = try ObjectsBench()
        let answer = try await bench.send("GET", "/missing/k")
        let id = try #require(answer.headers["x-amz-request-id"])
        let host = try #require(answer.headers["x-amz-id-2"])
        #expect(answer.text.hasSuffix("<RequestId>\(id)</RequestId><HostId>\(host)</HostId></Error>"))
        #expect(answer.headers["Server"] == "AmazonS3")
        #expect(answer.headers["Content-Type"] == "application/xml")
    }

    @Test func owners() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        #expect(
            try await bench.send("HEAD", "/bucket", [("x-amz-expected-bucket-owner", "000000000000")]).status
                == 200)
        #expect(
            try await bench.send("GET", "/bucket", [("x-amz-expected-bucket-owner", "1")]).element("Code")
                == "InvalidBucketOwnerAWSAccountID")
    }
}
