import Digests
import HTTPTypes
import Net
import Testing

@testable import HTTPServer
@testable import Lambda

@EventLoop @Suite struct StreamingTests {
    private static var zeros: [UInt8] { [UInt8](repeating: 0, count: 8) }

    /// A body of these pieces.
    private func body(_ pieces: [[UInt8]]) -> BodyStream {
        let body = BodyStream(capacity: .max)
        for piece in pieces { _ = body.offer(piece) }
        body.finish()
        return body
    }

    private func rest(_ body: BodyStream) async -> [UInt8] {
        var all: [UInt8] = []
        while let piece = await body.next() { all += piece }
        return all
    }

    static let document = #"{"statusCode":201,"headers":{"X-A":"b","X-N":1},"cookies":["a=b","c=d"]}"#

    /// However the bytes are cut into pieces.
    @Test(arguments: 1...12) func aPreludeIsTakenOffTheBody(_ size: Int) async throws {
        let bytes = Array(Self.document.utf8) + Self.zeros + Array("body\0\0\0\0\0\0\0\0more".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map {
            Array(bytes[$0..<min($0 + size, bytes.count)])
        }
        let body = body(pieces)
        let prelude = try await HTTPPrelude.take(off: body)
        #expect(prelude.statusCode == 201)
        #expect(prelude.headers == ["X-A": "b", "X-N": "1"])
        #expect(prelude.cookies == ["a=b", "c=d"])
        #expect(await rest(body) == Array("body\0\0\0\0\0\0\0\0more".utf8))
    }

    @Test func anEmptyPreludeIsStatus200() async throws {
        let prelude = try await HTTPPrelude.take(off: body([Array("{}".utf8) + Self.zeros]))
        #expect(prelude.statusCode == 200 && prelude.headers.isEmpty && prelude.cookies.isEmpty)
    }

    @Test(arguments: [
        "[]", "text", #"{"statusCode":"200"}"#, #"{"statusCode":99}"#, #"{"statusCode":600}"#, "",
    ])
    func aPreludeThatIsNone(_ text: String) async {
        let body = body([Array(text.utf8) + Self.zeros])
        await #expect(throws: HTTPPreludeError.self) { try await HTTPPrelude.take(off: body) }
    }

    @Test func aPreludeWithoutItsEnd() async {
        let body = body([Array("{}".utf8), [0, 0, 0, 0, 0, 0, 0]])
        await #expect(throws: HTTPPreludeError.incomplete) { try await HTTPPrelude.take(off: body) }
    }

    @Test(arguments: [
        ("application/vnd.awslambda.http-integration-response", true),
        ("Application/Vnd.AwsLambda.Http-Integration-Response; charset=utf-8", true),
        ("application/json", false), ("", false),
    ])
    func theContentTypeAnnouncesAPrelude(_ row: (String, Bool)) {
        #expect(HTTPPrelude.isAnnounced(by: row.0) == row.1)
    }

    /// Lengths and checksums as a reader of the format works them out.
    @Test(arguments: [0, 1, 100, 70_000]) func framesAreWhatReadersExpect(_ count: Int) throws {
        let payload = [UInt8](repeating: 0x61, count: count)
        let frame = EventStreamFrame.encode(
            event: "PayloadChunk", contentType: "application/octet-stream", payload: payload)
        func number(_ offset: Int) -> Int { frame[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        #expect(number(0) == frame.count)
        #expect(number(8) == Int(CRC32.checksum(Array(frame[..<8]))))
        #expect(number(frame.count - 4) == Int(CRC32.checksum(Array(frame[..<(frame.count - 4)]))))
        let headers = number(4)
        #expect(Array(frame[(12 + headers)..<(frame.count - 4)]) == payload)
        var names: [String] = []
        var index = 12
        while index < 12 + headers {
            let length = Int(frame[index])
            names.append(String(decoding: frame[(index + 1)..<(index + 1 + length)], as: UTF8.self))
            index += 1 + length
            #expect(frame[index] == 7)
            index += 3 + (Int(frame[index + 1]) << 8 | Int(frame[index + 2]))
        }
        #expect(names.sorted() == [":content-type", ":event-type", ":message-type"])
    }

    @Test(
        arguments: [
            ([:], nil, ""),
            (["Lambda-Runtime-Function-Error-Type": "Runtime.Broken"], "Runtime.Broken", ""),
            (["lambda-runtime-function-error-body": "e30="], "Runtime.Unknown", "{}"),
            (
                [
                    "Lambda-Runtime-Function-Error-Type": "nonsense",
                    "Lambda-Runtime-Function-Error-Body": "not base64!",
                ], "Runtime.Unknown", "not base64!"
            ),
        ] as [([String: String], String?, String)])
    func trailersTellOfAnError(_ row: (fields: [String: String], type: String?, body: String)) {
        let failure = StreamedResponse.Failure(HTTPHeaders(row.fields.map { ($0.key, $0.value) }))
        #expect(failure?.type == row.type)
        #expect(String(decoding: failure?.body ?? [], as: UTF8.self) == row.body)
    }
}
