import Bytes
import Testing

@Suite struct HeadObjectTests {
    @Test func answersAsGetWithoutBody() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["key"])
        let answer = try await bench.send("HEAD", "/bucket/key")
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Length"] == "3")
        #expect(answer.bytes.isEmpty)
        let ranged = try await bench.send("HEAD", "/bucket/key", [("Range", "bytes=1-")])
        #expect(ranged.status == 206)
        #expect(ranged.headers["Content-Range"] == "bytes 1-2/3")
        let checked = try await bench.send("HEAD", "/bucket/key", [("x-amz-checksum-mode", "ENABLED")])
        #expect(checked.headers["x-amz-checksum-crc64nvme"] != nil)
    }

    @Test func errorsHaveNoBody() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["key"])
        for (target, headers, status) in [
            ("/bucket/absent", [], 404), ("/absent/key", [], 404),
            ("/bucket/key", [("If-None-Match", "*")], 304), ("/bucket/key", [("If-Match", "x")], 412),
            ("/bucket/key", [("Range", "bytes=9-")], 416),
        ] as [(String, [(String, String)], Int)] {
            let answer = try await bench.send("HEAD", target, headers)
            #expect(answer.status == status)
            #expect(answer.bytes.isEmpty)
        }
    }
}
