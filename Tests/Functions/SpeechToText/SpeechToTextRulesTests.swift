import AWSClients
import Digests
import JSON
import LambdaEvents
import Mumble
import ProviderClients
import TestSupport
import Testing

@testable import SpeechToText

@Suite struct SpeechToTextRulesTests {
    let world = TestWorld()

    private func post(_ body: String) throws -> (status: Int, document: JSONValue?) {
        let event = try HTTPAPIEvent.make("POST", "/api/v1/speech-to-text", body: body)
        let answer = SpeechToTextService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    private let one = #"{"audioId": "00000000-0000-4000-8000-000000000001"}"#
    private var audioItem: JSONObject? { world.table.item("AUDIO#\(CountingIdentifiers.id(1))", "METADATA") }

    @Test func secondCallComesFromTheCacheForADay() throws {
        world.seedAudio(1)
        #expect(try post(one).document?["cached"] == false)
        #expect(try post(one).document?["cached"] == true)
        #expect(world.speech.calls == 1)
        world.clock.advance(milliseconds: 24 * 3_600_000 - 1000)
        #expect(try post(one).document?["cached"] == true)
        // Not deleted yet, but a day old.
        world.clock.advance(milliseconds: 1000)
        #expect(try post(one).document?["cached"] == false)
        #expect(world.speech.calls == 2)
    }

    @Test func cacheIsByContentAndLanguage() throws {
        world.seedAudio(1)
        world.seedAudio(2)
        _ = try post(one)
        #expect(try post(#"{"audioId": "00000000-0000-4000-8000-000000000002"}"#).document?["cached"] == true)
        let other = #"{"audioId": "00000000-0000-4000-8000-000000000001", "language": "zh"}"#
        #expect(try post(other).document?["cached"] == false)
        #expect(world.speech.languages == [nil, "zh"])
        let digest = SHA256.hex(Samples.wav)
        let cached = world.table.item("TRANSCRIPT#\(digest)#zh", "CACHE")
        #expect(cached?["ttl"] == ["N": .string(String(TestWorld.start.seconds + 86_400))])
    }

    @Test func wordsAreStoredInTheAudioItem() throws {
        world.seedAudio(1)
        _ = try post(one)
        #expect(audioItem?["transcript"] == ["S": "a red fox in the snow"])
        #expect(audioItem?["status"] == ["S": "transcribed"])
        #expect(audioItem?["duration"] == ["N": "1.5"])
        #expect(audioItem?["detectedLanguage"] == ["S": "en"])
        #expect(audioItem?["audioDigest"] == ["S": .string(SHA256.hex(Samples.wav))])
        #expect(audioItem?["GSI1PK"] == ["S": "USER#ann"])
    }

    @Test func uploadersLanguageIsTheDefault() throws {
        world.seedAudio(1, language: "zh")
        _ = try post(one)
        #expect(world.speech.languages == ["zh"])
        #expect(world.speech.fileNames == ["audio.wav"])
    }

    @Test(arguments: [("english", "en"), ("Chinese", "zh"), ("zh", "zh"), ("german", "german")])
    func languagesAreToldByCode(_ heard: String, _ told: String) throws {
        world.seedAudio(1)
        world.speech.set(
            .success(Transcript(text: "x", language: heard, durationSeconds: nil, offline: false)))
        let document = try post(one).document
        #expect(document?["language"] == .string(told))
        #expect(document?["duration"]?.isNull == true)
    }

    @Test func unknownLanguageIsTheOneAskedFor() throws {
        world.seedAudio(1, language: "zh")
        world.speech.set(.success(Transcript(text: "x", language: nil, durationSeconds: nil, offline: false)))
        #expect(try post(one).document?["language"] == "zh")
    }

    @Test func itemDeletedMeanwhileStaysDeleted() throws {
        world.seedAudio(1)
        world.table.beforeEachCall { table, operation in
            guard operation == "UpdateItem" else { return }
            table.beforeEachCall(nil)
            let key = TableKey.audio(CountingIdentifiers.id(1)).attributes
            _ = try? table.call("DeleteItem", ["TableName": .string(table.name), "Key": .object(key)])
        }
        #expect(try post(one).status == 200)
        #expect(audioItem == nil)
    }

    @Test(arguments: [
        (ProviderError.Code.throttled, 503, "SpeechProviderThrottled"),
        (.unauthorized, 502, "SpeechProviderUnauthorized"), (.invalidRequest, 502, "SpeechProviderRejected"),
        (.unavailable, 503, "SpeechProviderUnavailable"), (.timeout, 504, "SpeechProviderTimeout"),
        (.badResponse, 502, "SpeechProviderBadResponse"),
        (.notConfigured, 503, "SpeechProviderNotConfigured"),
    ])
    func providerFailureHasACode(_ code: ProviderError.Code, _ status: Int, _ word: String) throws {
        world.seedAudio(1)
        world.speech.set(.failure(Samples.providerError("speech", code)))
        let answer = try post(one)
        #expect(answer.status == status)
        #expect(answer.document?["error"]?["code"] == .string(word))
        #expect(world.table.operations == ["GetItem", "GetItem"])
        #expect(world.logs.all.count == 1)
    }

    @Test func tooLargeObjectIsNotLoaded() throws {
        world.seedAudio(1, body: [UInt8](repeating: 0, count: AudioFormat.maximumBytes + 1))
        let answer = try post(one)
        #expect(answer.status == 413)
        #expect(world.speech.calls == 0)
    }

    @Test func tableThrottlesAreToldWithRetryAfter() throws {
        world.table.fail(
            "GetItem",
            with: AWSServiceError(
                code: "ProvisionedThroughputExceededException", status: 400, message: "slow down", body: nil,
                retryable: true))
        let event = try HTTPAPIEvent.make("POST", "/api/v1/speech-to-text", body: one)
        let answer = SpeechToTextService(world.dependencies).handle(event, TestWorld.context)
        #expect(answer.statusCode == 503)
        #expect(answer.document?["error"]?["code"] == "TableThrottled")
        #expect(answer.json()["headers"]?["retry-after"] == "1")
    }
}
