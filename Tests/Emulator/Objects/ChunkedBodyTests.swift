import Bytes
import Clock
import Digests
import Foundation
import HTTPTypes
import Signing
import Testing

@testable import Objects

/// `aws-chunked` bodies, in memory and in files, signed and not.
@Suite struct ChunkedBodyTests {
    private func unsigned(_ chunks: [[UInt8]], trailer: String) -> [UInt8] {
        var body: [UInt8] = []
        for chunk in chunks + [[]] {
            body += "\(String(chunk.count, radix: 16))\r\n".bytes
            if !chunk.isEmpty { body += chunk + "\r\n".bytes }
        }
        return body + "\(trailer)\r\n".bytes
    }

    private func headers(_ length: Int, trailer: String? = "x-amz-checksum-crc32") -> [(String, String)] {
        [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("Content-Encoding", "gzip,aws-chunked"), ("x-amz-decoded-content-length", String(length)),
        ] + (trailer.map { [("x-amz-trailer", $0)] } ?? [])
    }

    private func crc32(_ bytes: [UInt8]) -> String { Base64.encode(ByteOrder.bytes(CRC32.checksum(bytes))) }

    @Test(arguments: [0, 5, 9000, 100_000])
    func unsignedTrailer(_ size: Int) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let data = ObjectsBench.bytes(size)
        let chunks = stride(from: 0, to: size, by: 8192).map { Array(data[$0..<min(size, $0 + 8192)]) }
        let body = unsigned(chunks, trailer: "x-amz-checksum-crc32:\(crc32(data))\r\n")
        for isSpooled in [false, true] {
            let put =
                isSpooled
                ? try await bench.spooled("PUT", "/bucket/k", headers(size), body)
                : try await bench.send("PUT", "/bucket/k", headers(size), body)
            #expect(put.status == 200, "\(put.text)")
            #expect(put.headers["x-amz-checksum-crc32"] == crc32(data))
            let get = try await bench.send("GET", "/bucket/k")
            #expect(get.bytes == data)
            #expect(get.headers["Content-Encoding"] == "gzip")
            #expect(get.headers["Content-Length"] == String(size))
        }
    }

    @Test func damagedFraming() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let data = "hello".bytes
        let good = unsigned([data], trailer: "x-amz-checksum-crc32:\(crc32(data))\r\n")
        func put(_ body: [UInt8], _ length: Int = 5) async throws -> ObjectsBench.Answer {
            try await bench.send("PUT", "/bucket/k", headers(length), body)
        }
        let incomplete = "The request body terminated unexpectedly"
        for body in [Array(good.dropLast(good.count - 6)), "zz\r\n".bytes, good + "x".bytes, []] {
            bench.expect(try await put(body), 400, "IncompleteBody", incomplete)
        }
        bench.expect(
            try await put(good, 6), 400, "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ["<NumberBytesExpected>6</NumberBytesExpected>", "<NumberBytesProvided>5</NumberBytesProvided>"])
        bench.expect(
            try await put(unsigned([data], trailer: "x-amz-checksum-crc32:AAAAAA==\r\n")), 400, "BadDigest",
            "The CRC32 you specified did not match the calculated checksum.")
        bench.expect(
            try await put(unsigned([data], trailer: "")), 400, "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to our "
                + "published schema.")
        bench.expect(
            try await put(unsigned([data, data], trailer: "x-amz-checksum-crc32:AAAAAA==\r\n"), 10), 403,
            "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes")
        #expect(try await bench.send("GET", "/bucket/k").status == 404)
    }

    /// A request with signed chunks; `spoil` may change the body after signing.
    private func signed(
        _ chunks: [[UInt8]], trailer: (String, String)?, spoil: (inout [UInt8]) -> Void = { _ in }
    ) -> HTTPRequest {
        let kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + (trailer == nil ? "" : "-TRAILER")
        var headers = HTTPHeaders([
            ("Host", "localhost:4566"),
            ("x-amz-decoded-content-length", String(chunks.reduce(0) { $0 + $1.count })),
        ])
        if let trailer { headers.add("x-amz-trailer", trailer.0) }
        var request = HTTPRequest(method: "PUT", target: "/bucket/k", headers: headers)
        SigV4Signer(credentials: ObjectsBench.key, region: "us-east-1", service: "s3", style: .s3)
            .sign(&request, payload: .literal(kind), at: ObjectsBench.start)
        let scope = SigningScope(date: "20260102", region: "us-east-1", service: "s3")
        let key = SigningKey.derive(secret: ObjectsBench.key.secretAccessKey, scope: scope)
        let time = ObjectsBench.start.iso8601Basic
        var previous = request.headers["Authorization"]?.components(separatedBy: "Signature=").last ?? ""
        var body: [UInt8] = []
        for chunk in chunks + [[]] {
            previous = signature(
                key: key,
                stringToSign: StringToSign.chunk(
                    timestamp: time, scope: scope, previousSignature: previous,
                    chunkHash: SHA256.hex(chunk)))
            body += "\(String(chunk.count, radix: 16));chunk-signature=\(previous)\r\n".bytes
            if !chunk.isEmpty { body += chunk + "\r\n".bytes }
        }
        if let trailer {
            let sent = signature(
                key: key,
                stringToSign: StringToSign.trailer(
                    timestamp: time, scope: scope, previousSignature: previous,
                    trailerHash: SHA256.hex("\(trailer.0):\(trailer.1)\n")))
            body += "\(trailer.0):\(trailer.1)\r\nx-amz-trailer-signature:\(sent)\r\n".bytes
        }
        body += "\r\n".bytes
        spoil(&body)
        request.body = .bytes(body)
        return request
    }

    @Test func signedChunks() async throws {
        let bench = try ObjectsBench(isStrict: true)
        try await bench.service.createBucketIfMissing("bucket")
        let data = ObjectsBench.bytes(20_000)
        let chunks = [Array(data[..<8192]), Array(data[8192..<16_384]), Array(data[16_384...])]
        let answer = try await bench.send(signed(chunks, trailer: nil))
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.headers["ETag"] == "\"\(MD5.hex(data))\"")
        let trailer = ("x-amz-checksum-crc32", crc32(data))
        #expect(try await bench.send(signed(chunks, trailer: trailer)).status == 200)
    }

    @Test func spoiledChunks() async throws {
        let bench = try ObjectsBench(isStrict: true)
        try await bench.service.createBucketIfMissing("bucket")
        let data = "hello".bytes
        let trailer = ("x-amz-checksum-crc32", crc32(data))
        for index in [100, 200] {
            let request = signed([data], trailer: index == 100 ? nil : trailer) { body in
                let place = index == 100 ? 86 : body.count - 6
                body[place] = body[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            }
            bench.expect(
                try await bench.send(request), 403, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your "
                    + "key and signing method.")
        }
        #expect(try bench.store.read { try $0.get(.objects, StorageKeys.object("bucket", "k".bytes)) } == nil)
    }

    @Test func piecesOfAnySize() throws {
        let data = ObjectsBench.bytes(20_000)
        let body = unsigned(
            [Array(data[..<9000]), Array(data[9000...])], trailer: "x-amz-checksum-crc32:a\r\n")
        for size in [1, 2, 7, 4096, 65_536] {
            var decoder = AWSChunkedDecoder(isSigned: false, hasTrailer: true, signature: nil)
            var decoded: [UInt8] = []
            for start in stride(from: 0, to: body.count, by: size) {
                try Array(body[start..<min(body.count, start + size)]).withUnsafeBytes {
                    try decoder.feed($0) { decoded.append(contentsOf: $0) }
                }
            }
            try decoder.finish()
            #expect(decoded == data)
            #expect(decoder.trailers.map(\.value) == ["a"])
        }
    }
}
