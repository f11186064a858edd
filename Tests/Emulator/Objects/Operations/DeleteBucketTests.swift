import Bytes
import Testing

@Suite struct DeleteBucketTests {
    @Test func refusesWhileNotEmpty() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a"])
        try await bench.bucket("bucket-2")
        bench.expect(
            try await bench.send("DELETE", "/bucket"), 409, "BucketNotEmpty",
            "The bucket you tried to delete is not empty", ["<BucketName>bucket</BucketName>"])
        #expect(try await bench.send("DELETE", "/bucket-2").status == 204)
        #expect(try await bench.send("DELETE", "/bucket/a").status == 204)
        #expect(try await bench.send("DELETE", "/bucket").status == 204)
        bench.expect(
            try await bench.send("DELETE", "/bucket"), 404, "NoSuchBucket",
            "The specified bucket does not exist")
    }

    @Test func takesUnfinishedUploadsAlong() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try #require(try await bench.send("POST", "/bucket/k?uploads").element("UploadId"))
        let part = ObjectsBench.bytes(20_000)
        #expect(try await bench.send("PUT", "/bucket/k?partNumber=1&uploadId=\(id)", [], part).status == 200)
        try await bench.expectBlobFiles(1)
        #expect(try await bench.send("DELETE", "/bucket").status == 204)
        try await bench.bucket()
        #expect(try await bench.send("GET", "/bucket?uploads").elements("Upload").isEmpty)
        try await bench.expectBlobFiles(0)
    }
}
