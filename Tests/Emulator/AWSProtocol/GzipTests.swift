import Bytes
import Digests
import HTTPTypes
import JSON
import Signing
import Testing

@testable import AWSProtocol

/// The codec, and both directions of it around a JSON service.
@Suite struct GzipTests {
    private let bench = ProtocolBench()
    private static let long = #"{"text":""# + String(repeating: "abc ", count: 2_000) + #""}"#

    private func request(_ body: [UInt8], _ headers: [(String, String)] = []) -> HTTPRequest {
        var request = HTTPRequest(
            method: "POST", target: "/",
            headers: HTTPHeaders(
                [
                    ("Host", "localhost:4566"), ("X-Amz-Target", "DynamoDB_20120810.Echo"),
                    ("Content-Type", "application/x-amz-json-1.0"),
                ] + headers), body: .bytes(body))
        SigV4Signer(
            credentials: ProtocolBench.key, region: "us-east-1", service: "dynamodb", style: .standard
        )
        .sign(&request, payload: .bytes(body), at: ProtocolBench.now)
        return request
    }

    @Test func roundTrip() throws {
        for count in [0, 1, 1_000, 65_536, 65_537, 1_000_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let packed = try #require(Gzip.compress(bytes))
            #expect(Array(packed.prefix(2)) == [0x1F, 0x8B])
            #expect(try Gzip.decompress(packed, limit: count) == bytes)
            if count > 0 {
                #expect(throws: Gzip.Failure.tooLong) { try Gzip.decompress(packed, limit: count - 1) }
            }
        }
    }

    @Test func severalMembersInARow() throws {
        let packed = try #require(Gzip.compress("ab".bytes)) + #require(Gzip.compress("cd".bytes))
        #expect(try Gzip.decompress(packed, limit: 4) == "abcd".bytes)
    }

    @Test func brokenInput() throws {
        let packed = try #require(Gzip.compress(Self.long.bytes))
        var damaged = packed
        damaged[packed.count - 6] ^= 1
        for bytes in [
            [], "plain text".bytes, Array(packed.dropLast()), damaged, packed + [0x1F, 0x8B, 0, 0],
        ] {
            #expect(throws: Gzip.Failure.malformed) { try Gzip.decompress(bytes, limit: 1 << 20) }
        }
        #expect(throws: Gzip.Failure.malformed) {
            try Gzip.decompress(packed, as: .zlib, limit: 1 << 20)
        }
    }

    @Test func whatFollowsAMemberIsPassedOver() throws {
        let packed = try #require(Gzip.compress("ab".bytes))
        for rest in [[0], [0x1F], "junk".bytes] {
            #expect(try Gzip.decompress(packed + rest, limit: 2) == "ab".bytes)
        }
    }

    /// The wrapper of RFC 1950 around a stored block (RFC 1951, section 3.2.4) of two letters.
    @Test func zlibStreams() async throws {
        let stream: [UInt8] = [
            0x78, 0x01, 0x01, 0x02, 0x00, 0xFD, 0xFF, 0x61, 0x62, 0x01, 0x26, 0x00, 0xC4,
        ]
        #expect(try Gzip.decompress(stream, as: .zlib, limit: 2) == "ab".bytes)
        #expect(throws: Gzip.Failure.tooLong) { try Gzip.decompress(stream, as: .zlib, limit: 1) }
        #expect(throws: Gzip.Failure.malformed) {
            try Gzip.decompress(Array(stream.dropLast()), as: .zlib, limit: 2)
        }
        #expect(await bench.send(request(stream, [("Content-Encoding", "deflate")])).status == 400)
    }

    @Test func aBombStopsAtTheLimit() async throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0x20, count: 64 << 20)))
        #expect(bomb.count < 1 << 20)
        #expect(throws: Gzip.Failure.tooLong) { try Gzip.decompress(bomb, limit: 16 << 20) }
        let answer = await bench.send(request(bomb, [("Content-Encoding", "gzip")]))
        #expect(answer.status == 413)
    }

    @Test func requestsMayBeCompressed() async throws {
        let packed = try #require(Gzip.compress(#"{"a":1}"#.bytes))
        #expect(await bench.send(request(packed, [("Content-Encoding", "gzip")])).text == #"{"a":1}"#)
        let broken = await bench.send(request("{}".bytes, [("Content-Encoding", "gzip")]))
        #expect(broken.status == 500)
        #expect(broken.text.contains("#InternalServerError"))
    }

    @Test(arguments: ["gzip", "gzip, deflate", "deflate,gzip;q=0.5", "GZIP", "*"])
    func longAnswersAreCompressed(_ accepted: String) async throws {
        let response = await bench.endpoint.respond(
            to: request(Self.long.bytes, [("Accept-Encoding", accepted)]))
        let sent = response.body.bytes ?? []
        #expect(response.headers["Content-Encoding"] == "gzip")
        #expect(response.headers["x-amz-crc32"] == String(CRC32.checksum(sent)))
        #expect(try Gzip.decompress(sent, limit: 1 << 20) == Self.long.bytes)
    }

    @Test(arguments: ["identity", "deflate", "gzip;q=0", "gzip; q=0.0", ""])
    func othersAreNot(_ accepted: String) async {
        let response = await bench.endpoint.respond(
            to: request(Self.long.bytes, [("Accept-Encoding", accepted)]))
        #expect(response.headers["Content-Encoding"] == nil)
        #expect(response.body.bytes == Self.long.bytes)
    }

    @Test func shortAnswersStayPlain() async {
        let response = await bench.endpoint.respond(to: request("{}".bytes, [("Accept-Encoding", "gzip")]))
        #expect(response.headers["Content-Encoding"] == nil)
    }
}
