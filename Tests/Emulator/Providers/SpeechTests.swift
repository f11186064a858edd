import Clock
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import StandIns

/// Real recordings through real ffmpeg and PocketSphinx.
@Suite(.serialized) struct SpeechTests {
    private let providers = StandInProviders(clock: SystemClock())
    private let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    private func form(_ fields: [(String, String)], file: [UInt8]?) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        if let file {
            body += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".utf8
            body += file + Array("\r\n".utf8)
        }
        return body + "--B--\r\n".utf8
    }

    private func ask(_ body: [UInt8], type: String = "multipart/form-data; boundary=B") async throws -> (
        Int, JSONValue
    ) {
        let response = await providers.respond(
            to: HTTPRequest(
                method: "POST", target: "/_providers/openai/v1/audio/transcriptions",
                headers: ["Authorization": "Bearer k", "Content-Type": type], body: .bytes(body)))
        return (response.status, try JSONValue.parse(response.body.bytes ?? []))
    }

    @Test(arguments: ["wav", "mp3", "ogg", "webm", "flac", "m4a"])
    func hearsEveryFormat(_ format: String) async throws {
        let audio = try Data(contentsOf: fixtures.appending(path: "speech.\(format)"))
        let (status, answer) = try await ask(
            form([("model", "whisper-1"), ("response_format", "verbose_json")], file: Array(audio)))
        #expect(status == 200)
        #expect(answer["text"] == "the sun is shining over the green hills")
        let duration = try #require(answer["duration"]?.double)
        #expect(duration > 2 && duration < 3)
    }

    @Test func refusesWhatItCannotHear() async throws {
        let (status, answer) = try await ask(form([("model", "m"), ("language", "zh")], file: [1]))
        #expect(status == 400)
        #expect(answer["error"]?["message"]?.string?.contains("English only, not 'zh'") == true)
        #expect(try await ask(form([("model", "m")], file: Array("not audio".utf8))).0 == 400)
        #expect(try await ask(form([("model", "m")], file: nil)).0 == 400)
        #expect(try await ask(form([], file: [1])).0 == 400)
        #expect(try await ask(form([("model", "m"), ("response_format", "srt")], file: [1])).0 == 400)
        #expect(try await ask([], type: "application/json").0 == 400)
    }

    @Test(arguments: [
        "", "--B", "--B\r\n", "--B\r\n\r\n", "--X\r\n\r\n--X--",
        "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--", "--B\r\nno header",
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--Bx",
    ])
    func brokenFormsAreNil(_ text: String) {
        #expect(MultipartParser.parse(Array(text.utf8), boundary: "B") == nil)
    }

    @Test func partsAreCutExactly() throws {
        let body = form([("a", "1\r\n--x"), ("b", "")], file: [0, 13, 10, 255])
        let parts = try #require(MultipartParser.parse(body, boundary: "B"))
        #expect(parts.map(\.name) == ["a", "b", "file"])
        #expect(parts.map { Array($0.content) } == [Array("1\r\n--x".utf8), [], [0, 13, 10, 255]])
        #expect(MultipartParser.boundary(of: "multipart/form-data; charset=x; boundary=\"a b\"") == "a b")
        #expect(MultipartParser.boundary(of: "multipart/mixed; boundary=a") == nil)
    }
}
