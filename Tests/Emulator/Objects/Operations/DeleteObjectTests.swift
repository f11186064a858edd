import Bytes
import Testing

@Suite struct DeleteObjectTests {
    @Test func deletesBytesToo() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/bucket/k", [], ObjectsBench.bytes(40_000))
        let answer = try await bench.send("DELETE", "/bucket/k")
        #expect(answer.status == 204)
        #expect(answer.bytes.isEmpty)
        #expect(try await bench.send("GET", "/bucket/k").status == 404)
        try await bench.expectBlobFiles(0)
        #expect(try await bench.send("DELETE", "/bucket/k").status == 204)
        bench.expect(
            try await bench.send("DELETE", "/missing/k"), 404, "NoSuchBucket",
            "The specified bucket does not exist")
    }

    @Test func conditions() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        bench.expect(
            try await bench.send("DELETE", "/bucket/k", [("If-Match", "\"x\"")]), 412,
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        bench.expect(
            try await bench.send("DELETE", "/bucket/k", [("x-amz-if-match-size", "1")]), 501,
            "NotImplemented", "A header you provided implies functionality that is not implemented")
        #expect(try await bench.send("DELETE", "/bucket/k", [("If-Match", "*")]).status == 204)
    }
}
