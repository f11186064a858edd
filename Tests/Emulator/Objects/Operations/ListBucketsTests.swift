import Testing

@Suite struct ListBucketsTests {
    @Test func listsByName() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket("zebra")
        try await bench.bucket("apple")
        let answer = try await bench.send("GET", "/", [("Authorization", "AWS4 Credential=a/b/c/s3/d")])
        #expect(answer.status == 200)
        #expect(answer.elements("Name") == ["apple", "zebra"])
        #expect(answer.element("CreationDate") == "2026-01-02T03:04:05.000Z")
        #expect(answer.element("BucketArn") == "arn:aws:s3:::apple")
        #expect(answer.element("BucketRegion") == "us-east-1")
        #expect(
            answer.text.hasPrefix(ObjectsBench.head + "<ListAllMyBucketsResult \(ObjectsBench.namespace)>"))
    }

    @Test func pages() async throws {
        let bench = try ObjectsBench()
        for name in ["aaa", "bbb", "ccc"] { try await bench.bucket(name) }
        let first = try await bench.send("GET", "/?max-buckets=2")
        #expect(first.elements("Name") == ["aaa", "bbb"])
        let token = try #require(first.element("ContinuationToken"))
        let second = try await bench.send("GET", "/?max-buckets=2&continuation-token=\(token)")
        #expect(second.elements("Name") == ["ccc"])
        #expect(second.element("ContinuationToken") == nil)
        #expect(try await bench.send("GET", "/?prefix=b").elements("Name") == ["bbb"])
        #expect(try await bench.send("GET", "/?max-buckets=0").status == 400)
    }
}
