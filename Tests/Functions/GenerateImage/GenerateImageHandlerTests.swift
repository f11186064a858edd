import AWSClients
import Images
import JSON
import LambdaEvents
import Mumble
import ProviderClients
import TestSupport
import Testing

@testable import GenerateImage

@Suite struct GenerateImageHandlerTests {
    let world = TestWorld()

    private func post(_ body: String) throws -> (status: Int, document: JSONValue?) {
        let event = try HTTPAPIEvent.make("POST", "/api/v1/generate", body: body)
        let answer = GenerateImageService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    private let fox = #"{"prompt": "a red fox", "userId": "ann"}"#
    private let placed = #"{"prompt": "x", "location": {"latitude": 31.23, "longitude": 121.47}}"#
    private let first = CountingIdentifiers.id(1)

    @Test func pictureThumbnailAndItemsAreStored() throws {
        #expect(try post(fox).status == 200)
        #expect(world.bucket.body("images/\(first).png") == Samples.png)
        #expect(world.bucket.contentType("thumbnails/\(first).png") == "image/png")
        let thumbnail = try PNG.size(#require(world.bucket.body("thumbnails/\(first).png")))
        #expect(thumbnail.width == 256 && thumbnail.height == 128)
        #expect(
            world.table.item("IMAGE#\(first)", "METADATA") == [
                "PK": ["S": .string("IMAGE#\(first)")], "SK": ["S": "METADATA"], "GSI1PK": ["S": "USER#ann"],
                "GSI1SK": ["S": "2026-01-02T03:04:05.678Z"], "entity": ["S": "IMAGE"],
                "imageId": ["S": .string(first)], "userId": ["S": "ann"],
                "fileKey": ["S": .string("images/\(first).png")],
                "thumbnailKey": ["S": .string("thumbnails/\(first).png")], "prompt": ["S": "a red fox"],
                "enhancedPrompt": ["S": "A red fox, painted."], "style": ["S": "photo"],
                "size": ["S": "1024x1024"], "model": ["S": "test-image"], "offline": ["BOOL": true],
                "createdAt": ["S": "2026-01-02T03:04:05.678Z"],
            ])
        #expect(world.table.count == 2)
    }

    @Test func equalRequestIsTheSamePictureForAWeek() throws {
        _ = try post(fox)
        world.clock.advance(milliseconds: 7 * 86_400_000 - 1000)
        let again = try post(fox).document
        #expect(again?["imageId"] == .string(first))
        #expect(again?["cached"] == true)
        #expect(world.images.prompts.count == 1)
        world.clock.advance(milliseconds: 1000)
        #expect(try post(fox).document?["cached"] == false)
        #expect(world.images.prompts.count == 2)
    }

    @Test func deletedPictureIsDrawnAgain() throws {
        _ = try post(fox)
        try world.dependencies.table.delete(.image(first))
        #expect(try post(fox).document?["cached"] == false)
    }

    @Test func withoutWeatherThePictureStillComes() throws {
        world.weather.set(.failure(Samples.providerError("weather", .timeout)))
        let answer = try post(placed)
        #expect(answer.status == 200)
        #expect(answer.document?["degraded"] == [["step": "weather", "code": "WeatherProviderTimeout"]])
        #expect(answer.document?["weather"]?.isNull == true)
        // The sun still tells the hour: 03:04 UTC is 11:04 at 121 degrees east.
        #expect(world.chat.users.first?.contains("Time of day: midday") == true)
    }

    @Test func withoutEnhancerThePlainPromptIsUsed() throws {
        world.chat.set(.failure(Samples.providerError("chat", .throttled)))
        let answer = try post(placed)
        #expect(answer.status == 200)
        #expect(answer.document?["degraded"] == [["step": "enhancer", "code": "ChatProviderThrottled"]])
        #expect(
            world.images.prompts
                == ["x, a natural photograph, Shanghai, light rain, 18 degrees Celsius, midday"])
    }

    @Test func withoutBothItStillComes() throws {
        world.chat.set(.success(Completion(text: " ", model: "m", offline: false)))
        world.weather.set(.failure(Samples.providerError("weather", .unavailable)))
        let degraded = try post(placed).document?["degraded"]?.array?.compactMap { $0["step"]?.string }
        #expect(degraded == ["weather", "enhancer"])
    }

    @Test(arguments: [
        (ProviderError.Code.throttled, 503, "ImageProviderThrottled"),
        (.unauthorized, 502, "ImageProviderUnauthorized"), (.invalidRequest, 502, "ImageProviderRejected"),
        (.unavailable, 503, "ImageProviderUnavailable"), (.timeout, 504, "ImageProviderTimeout"),
        (.badResponse, 502, "ImageProviderBadResponse"), (.notConfigured, 503, "ImageProviderNotConfigured"),
    ])
    func imageFailureHasACodeAndLeavesNothing(_ code: ProviderError.Code, _ status: Int, _ word: String)
        throws
    {
        world.images.set(.failure(Samples.providerError("image", code)))
        let answer = try post(fox)
        #expect(answer.status == status)
        #expect(answer.document?["error"]?["code"] == .string(word))
        #expect(world.bucket.keys.isEmpty)
        #expect(world.table.count == 0)
    }

    @Test func brokenPictureIsTheProvidersFault() throws {
        let broken = GeneratedImage(
            png: Array(Samples.png.prefix(60)), revisedPrompt: nil, model: "m", offline: false)
        world.images.set(.success(broken))
        let answer = try post(fox)
        #expect(answer.status == 502)
        #expect(answer.document?["error"]?["code"] == "ImageProviderBadResponse")
        #expect(world.bucket.keys.isEmpty)
    }

    @Test func failedItemsAreTold() throws {
        world.table.fail(
            "TransactWriteItems",
            with: AWSServiceError(
                code: "InternalServerError", status: 500, message: "", body: nil, retryable: true))
        let answer = try post(fox)
        #expect(answer.status == 503)
        #expect(answer.document?["error"]?["code"] == "TableUnavailable")
    }

    @Test func recordingIsTranscribedOnce() throws {
        world.seedAudio(101)
        let body = #"{"audioId": "\#(CountingIdentifiers.id(101))"}"#
        #expect(try post(body).document?["prompt"] == "a red fox in the snow")
        _ = try post(body)
        #expect(world.speech.calls == 1)
    }
}
