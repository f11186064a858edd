import Testing

/// HeadBucket, GetBucketLocation, GetBucketVersioning.
@Suite struct BucketInformationTests {
    @Test func head() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let answer = try await bench.send("HEAD", "/bucket")
        #expect(answer.status == 200)
        #expect(answer.headers["x-amz-bucket-region"] == "us-east-1")
        #expect(answer.headers["x-amz-access-point-alias"] == "false")
        let missing = try await bench.send("HEAD", "/missing")
        #expect(missing.status == 404)
        #expect(missing.bytes.isEmpty)
    }

    @Test func location() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        #expect(
            try await bench.send("GET", "/bucket?location").text
                == ObjectsBench.head + "<LocationConstraint \(ObjectsBench.namespace)/>")
        bench.expect(
            try await bench.send("GET", "/missing?location"), 404, "NoSuchBucket",
            "The specified bucket does not exist", ["<BucketName>missing</BucketName>"])
    }

    @Test func versioning() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        #expect(
            try await bench.send("GET", "/bucket?versioning").text
                == ObjectsBench.head + "<VersioningConfiguration \(ObjectsBench.namespace)/>")
    }
}
