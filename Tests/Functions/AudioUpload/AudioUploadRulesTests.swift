import AWSClients
import Bytes
import JSON
import LambdaEvents
import Mumble
import TestSupport
import Testing

@testable import AudioUpload

@Suite struct AudioUploadRulesTests {
    @Test func contentTypeDecidesTheMode() throws {
        #expect(try AudioUploadRules.mode(contentType: "application/json; charset=utf-8") == .link)
        #expect(try AudioUploadRules.mode(contentType: "Application/JSON") == .link)
        #expect(try AudioUploadRules.mode(contentType: "application/octet-stream") == .direct(nil))
        #expect(try AudioUploadRules.mode(contentType: "audio/webm;codecs=opus") == .direct(.webm))
        for wrong in [nil, "", "text/plain", "multipart/form-data; boundary=x", "audio/midi"] {
            #expect { try AudioUploadRules.mode(contentType: wrong) } throws: {
                ($0 as? HandlerError)?.status == 415
            }
        }
    }

    @Test func contentMustBeWhatTheHeaderSays() throws {
        #expect(try AudioUploadRules.format(of: Samples.wav, declared: .wav) == .wav)
        #expect(try AudioUploadRules.format(of: Samples.wav, declared: nil) == .wav)
        #expect {
            try AudioUploadRules.format(of: Samples.wav, declared: .flac)
        } throws: {
            ($0 as? HandlerError)?.message
                == "header 'content-type' says audio/flac but the body is audio/wav"
        }
    }

    @Test func sizeLimitIsInclusive() throws {
        var recording =
            Samples.wav + [UInt8](repeating: 0, count: AudioFormat.maximumBytes - Samples.wav.count)
        #expect(try AudioUploadRules.format(of: recording, declared: .wav) == .wav)
        recording.append(0)
        #expect {
            try AudioUploadRules.format(of: recording, declared: .wav)
        } throws: {
            ($0 as? HandlerError)?.status == 413
        }
    }

    private func upload(_ body: [UInt8], _ world: TestWorld) throws -> HTTPAPIResponse {
        let event = try HTTPAPIEvent.make(
            "POST", "/api/v1/audio/upload", query: ["userId": "ann"], headers: ["content-type": "audio/wav"],
            body: Base64.encode(body), isBase64Encoded: true)
        return AudioUploadService(world.dependencies).handle(event, TestWorld.context)
    }

    @Test func sixMegabytesOfAudioAreStoredByteForByte() throws {
        let world = TestWorld()
        let recording = Samples.wav + (0..<6 * 1024 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let answer = try upload(recording, world)
        #expect(answer.statusCode == 200)
        let id = CountingIdentifiers.id(1)
        #expect(world.bucket.body("audio/\(id).wav") == recording)
        #expect(world.bucket.contentType("audio/\(id).wav") == "audio/wav")
        #expect(
            world.table.item("AUDIO#\(id)", "METADATA") == [
                "PK": ["S": .string("AUDIO#\(id)")], "SK": ["S": "METADATA"], "GSI1PK": ["S": "USER#ann"],
                "GSI1SK": ["S": "2026-01-02T03:04:05.678Z"], "entity": ["S": "AUDIO"],
                "audioId": ["S": .string(id)], "fileKey": ["S": .string("audio/\(id).wav")],
                "contentType": ["S": "audio/wav"], "userId": ["S": "ann"], "language": ["S": "auto"],
                "createdAt": ["S": "2026-01-02T03:04:05.678Z"], "status": ["S": "stored"],
                "size": ["N": .string(String(recording.count))],
            ])
    }

    @Test func failedStorageLeavesNoItem() throws {
        let world = TestWorld()
        world.bucket.fail(
            "put",
            with: AWSServiceError(code: "InternalError", status: 500, message: "", body: nil, retryable: true)
        )
        let answer = try upload(Samples.wav, world)
        #expect(answer.statusCode == 503)
        #expect(answer.document?["error"]?["code"] == "StorageUnavailable")
        #expect(world.table.count == 0)
    }

    @Test func linkWritesAPendingItem() throws {
        let world = TestWorld()
        let event = try HTTPAPIEvent.make(
            "POST", "/api/v1/audio/upload", headers: ["content-type": "application/json"],
            body: #"{"contentType": "audio/flac", "size": 9}"#)
        _ = AudioUploadService(world.dependencies).handle(event, TestWorld.context)
        let item = world.table.item("AUDIO#\(CountingIdentifiers.id(1))", "METADATA")
        #expect(item?["status"] == ["S": "pending"])
        #expect(item?["GSI1PK"] == ["S": "USER#anonymous"])
        #expect(world.bucket.keys.isEmpty)
    }
}
