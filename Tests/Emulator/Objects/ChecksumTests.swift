import Bytes
import Digests
import Testing

@testable import Objects

/// `x-amz-checksum-*` of all algorithms.
@Suite struct ChecksumTests {
    private static let values = [
        ("crc32", "NhCmhg=="), ("crc32c", "mnG7TA=="), ("sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ]

    @Test(arguments: values)
    func acceptsAndReturns(_ algorithm: String, _ value: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let header = "x-amz-checksum-\(algorithm)"
        let put = try await bench.send("PUT", "/bucket/k", [(header, value)], "hello".bytes)
        #expect(put.status == 200)
        #expect(put.headers[header] == value)
        let get = try await bench.send("GET", "/bucket/k", [("x-amz-checksum-mode", "ENABLED")])
        #expect(get.headers[header] == value)
        #expect(get.headers["x-amz-checksum-type"] == "FULL_OBJECT")
        #expect(get.headers["x-amz-checksum-crc64nvme"] == nil)
    }

    @Test(arguments: values)
    func refusesWrongOnes(_ algorithm: String, _ value: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let header = "x-amz-checksum-\(algorithm)"
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [(header, value)], "hellO".bytes), 400, "BadDigest",
            "The \(algorithm.uppercased()) you specified did not match the calculated checksum.")
        bench.expect(
            try await bench.send("PUT", "/bucket/k", [(header, "abc")], "hello".bytes), 400,
            "InvalidRequest", "Value for \(header) header is invalid.")
        #expect(try await bench.send("GET", "/bucket/k").status == 404)
    }

    @Test func twoOrUnknown() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send(
                "PUT", "/bucket/k",
                [("x-amz-checksum-crc32", "NhCmhg=="), ("x-amz-checksum-crc32c", "mnG7TA==")], "hello".bytes),
            400, "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        bench.expect(
            try await bench.send(
                "PUT", "/bucket/k", [("x-amz-sdk-checksum-algorithm", "CRC8")], "hello".bytes), 400,
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
    }

    @Test func aNameWithoutValueMeansTheDefault() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let put = try await bench.send(
            "PUT", "/bucket/k", [("x-amz-sdk-checksum-algorithm", "SHA256")], "hello".bytes)
        #expect(put.headers["x-amz-checksum-crc64nvme"] != nil)
    }

    @Test func theCatalogueValueOfCRC64NVME() {
        var hasher = ChecksumHasher(.crc64nvme)
        Array("123456789".utf8).withUnsafeBytes { hasher.update($0) }
        #expect(Hex.encode(hasher.finished()) == "ae8b14860a799888")
    }
}
