import Bytes
import Testing

/// What is not served is refused in S3's words, and never falls through to something else.
@Suite struct RoutingTests {
    private let notImplemented = "A header you provided implies functionality that is not implemented"

    @Test(arguments: ["abac", "metadataConfiguration", "metadataTable", "session"])
    func unservedSubresourcesOfBuckets(_ name: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        bench.expect(
            try await bench.send("GET", "/bucket?\(name)"), 501, "NotImplemented", notImplemented,
            ["<Header>\(name)</Header>"])
    }

    @Test(arguments: ["tagging", "retention", "attributes", "torrent", "restore"])
    func unservedSubresourcesOfObjects(_ name: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        for method in ["GET", "PUT", "DELETE", "POST"] {
            bench.expect(
                try await bench.send(method, "/bucket/k?\(name)="), 501, "NotImplemented", notImplemented)
        }
        #expect(try await bench.send("GET", "/bucket/k").text == "k")
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
