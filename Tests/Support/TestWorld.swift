import AWSClients
import Clock
import JSON
import LambdaEvents
import LambdaRuntime
import Mumble
import ProviderClients
import Synchronization

/// Collects lines or numbers from `@Sendable` closures.
public final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    public init() {}
    public var all: [Value] { values.withLock { $0 } }
    public func append(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Everything a handler needs, in memory and foreseeable: it is 2026-01-02T03:04:05.678Z, ids count from 1,
/// every stopwatch reading is 1.5 ms after the one before. Each test makes a world of its own.
public struct TestWorld: Sendable {
    public static let start = Timestamp(milliseconds: 1_767_323_045_678)
    public static let cursorSecret = "sixteen bytes or more"

    public let table = FakeTable()
    public let bucket = FakeBucket()
    public let speech = FakeSpeech(.success(Samples.transcript))
    public let images = FakeImages(
        .success(GeneratedImage(png: Samples.png, revisedPrompt: nil, model: "test-image", offline: true)))
    public let chat = FakeChat(
        .success(Completion(text: "A red fox, painted.", model: "test-chat", offline: true)))
    public let weather = FakeWeather(.success(Samples.weather))
    public let clock = ManualClock(TestWorld.start)
    public let identifiers = CountingIdentifiers()
    public let logs = Collected<String>()
    public let pauses = Collected<Int>()
    public var probes: [any ProviderProbing] = [FakeProbe("openai"), FakeProbe("openweather")]
    public var allowOrigin = "*"
    private let ticks = Collected<Int>()

    public init() {}

    public var dependencies: Dependencies {
        let (ticks, pauses, logs) = (ticks, pauses, logs)
        return Dependencies(
            settings: Settings(
                tableName: table.name, bucketName: bucket.name, cursorSecret: Self.cursorSecret,
                allowOrigin: allowOrigin),
            database: table, storage: bucket, speech: speech, images: images, chat: chat, weather: weather,
            probes: probes, clock: clock, identifiers: identifiers,
            stopwatch: {
                ticks.append(0)
                return UInt64(ticks.all.count) * 1_500_000
            },
            pause: { pauses.append($0) }, log: { logs.append($0) })
    }

    /// What the runtime loop hands over.
    public static let context = LambdaContext(
        requestID: "00000000-0000-4000-8000-0000000000ff",
        invokedFunctionARN: "arn:aws:lambda:us-east-1:000000000000:function:test", traceID: nil,
        deadline: Timestamp(milliseconds: 1_767_323_075_678), clientContext: nil, functionName: "test",
        functionVersion: "$LATEST", memoryLimitMB: 128)

    // MARK: - What is already there

    /// A recording in table and bucket, uploaded a day ago by `ann`.
    public func seedAudio(
        _ number: Int, body: [UInt8]? = Samples.wav, transcript: String? = nil, language: String = "auto"
    ) {
        let id = CountingIdentifiers.id(number)
        let record = AudioRecord(
            id: id, key: "audio/\(id).wav", contentType: "audio/wav", userID: "ann", language: language,
            createdAt: (Self.start - 86_400_000).iso8601)
        var item = record.item(status: "stored")
        item["transcript"] = transcript.map { Attribute.s($0) }
        table.seed(item)
        if let body { bucket.seed(record.key, body, contentType: "audio/wav") }
    }

    /// A picture in table and bucket; `number` is also its age in minutes, so 1 is the newest.
    public func seedImage(_ number: Int, user: String = "ann") {
        let id = CountingIdentifiers.id(number)
        let createdAt = (Self.start - Int64(number) * 60_000).iso8601
        table.seed([
            "PK": ["S": .string("IMAGE#\(id)")], "SK": ["S": "METADATA"],
            "GSI1PK": ["S": .string("USER#\(user)")], "GSI1SK": ["S": .string(createdAt)],
            "entity": ["S": "IMAGE"], "imageId": ["S": .string(id)], "userId": ["S": .string(user)],
            "fileKey": ["S": .string("images/\(id).png")],
            "thumbnailKey": ["S": .string("thumbnails/\(id).png")],
            "prompt": ["S": .string("prompt \(number)")], "enhancedPrompt": ["S": "enhanced"],
            "style": ["S": "ink"], "size": ["S": "1024x1024"], "model": ["S": "test-image"],
            "offline": ["BOOL": true], "createdAt": ["S": .string(createdAt)],
        ])
        bucket.seed("images/\(id).png", Samples.png, contentType: "image/png")
        bucket.seed("thumbnails/\(id).png", Samples.png, contentType: "image/png")
    }

    public func seedCounter(_ resource: String, _ type: String, _ value: Int) {
        table.seed([
            "PK": ["S": .string("COUNTER#\(resource)")], "SK": ["S": .string("TYPE#\(type)")],
            "GSI2PK": ["S": .string("COUNTERTYPE#\(type)")], "counterValue": ["N": .string(String(value))],
            "updatedAt": ["S": "2026-01-01T00:00:00.000Z"],
        ])
    }
}
