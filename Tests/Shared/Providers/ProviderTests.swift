import Bytes
import HTTPClient
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import ProviderClients

/// Answers from a list and remembers what was asked.
private final class FakeHTTP: HTTPSending {
    private let state: Mutex<(answers: [Result<HTTPResponse, HTTPClientError>], seen: [HTTPRequest])>

    init(_ answers: [Result<HTTPResponse, HTTPClientError>]) { state = Mutex((answers, [])) }

    convenience init(_ status: Int, _ body: String, headers: HTTPHeaders = [:]) {
        self.init([.success(HTTPResponse(status: status, headers: headers, body: .bytes(body.bytes)))])
    }

    var seen: [HTTPRequest] { state.withLock { $0.seen } }

    func send(
        _ request: HTTPRequest, to url: URLParts, timeoutMilliseconds: Int?
    ) throws(HTTPClientError) -> HTTPResponse {
        let answer = state.withLock { state in
            state.seen.append(request)
            return state.answers.removeFirst()
        }
        return try answer.get()
    }
}

private func text(_ request: HTTPRequest) -> String { String(utf8: request.body.bytes ?? []) }

@Suite struct OpenAIClientTests {
    private func client(_ http: FakeHTTP, keys: [String] = ["one", "two"], imageModel: String = "dall-e-3")
        -> OpenAIClient
    {
        OpenAIClient(
            configuration: OpenAIConfiguration(
                baseURL: "http://127.0.0.1:9/v1", apiKeys: keys, imageModel: imageModel), http: http)
    }

    @Test func transcriptionIsAMultipartForm() throws {
        let http = FakeHTTP(
            200, #"{"text":"hello","language":"english","duration":"1.5"}"#,
            headers: ["x-mumble-offline": "true"])
        let heard = try client(http).transcribe(
            audio: Array("RIFF".utf8), fileName: "a\"b.wav", contentType: "audio/wav", language: "en")
        #expect(heard == Transcript(text: "hello", language: "english", durationSeconds: 1.5, offline: true))
        let request = http.seen[0]
        #expect(request.target == "/v1/audio/transcriptions")
        #expect(request.headers["authorization"] == "Bearer one")
        let boundary = try #require(request.headers["content-type"]?.split(separator: "=").last)
        let expected = """
            --B\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n\
            --B\r\nContent-Disposition: form-data; name="response_format"\r\n\r\nverbose_json\r\n\
            --B\r\nContent-Disposition: form-data; name="language"\r\n\r\nen\r\n\
            --B\r\nContent-Disposition: form-data; name="file"; filename="a%22b.wav"\r\n\
            Content-Type: audio/wav\r\n\r\nRIFF\r\n--B--\r\n
            """
        #expect(text(request) == expected.replacing("--B", with: "--\(boundary)"))
    }

    @Test func automaticLanguageIsLeftOut() throws {
        let http = FakeHTTP(200, #"{"text":""}"#)
        let heard = try client(http).transcribe(
            audio: [], fileName: "a", contentType: "audio/wav", language: nil)
        #expect(heard == Transcript(text: "", language: nil, durationSeconds: nil, offline: false))
        #expect(!text(http.seen[0]).contains("name=\"language\""))
    }

    @Test func secondKeyIsUsedOnlyWhenTheFirstIsThrottled() throws {
        let ok = HTTPResponse(status: 200, body: .bytes(#"{"choices":[{"message":{"content":"x"}}]}"#.bytes))
        let http = FakeHTTP([.success(HTTPResponse(status: 429)), .success(ok)])
        #expect(try client(http).complete(system: "s", user: "u").text == "x")
        #expect(http.seen.map { $0.headers["authorization"] } == ["Bearer one", "Bearer two"])
        let refused = FakeHTTP(401, #"{"error":{"message":"bad key"}}"#)
        #expect(throws: ProviderError(provider: "chat", code: .unauthorized, status: 401, message: "bad key"))
        {
            try client(refused).complete(system: "s", user: "u")
        }
        #expect(refused.seen.count == 1)
    }

    @Test func keysNeverShowInMessages() {
        let http = FakeHTTP(401, #"{"error":{"message":"no such key: sk-1, see sk-12"}}"#)
        #expect(
            throws: ProviderError(
                provider: "chat", code: .unauthorized, status: 401, message: "no such key: ***, see ***2")
        ) { try client(http, keys: ["sk-1"]).complete(system: "s", user: "u") }
    }

    @Test func bothKeysThrottled() {
        let http = FakeHTTP([.success(HTTPResponse(status: 429)), .success(HTTPResponse(status: 429))])
        #expect(
            throws: ProviderError(provider: "chat", code: .throttled, status: 429, message: "HTTP status 429")
        ) { try client(http).complete(system: "s", user: "u") }
    }

    @Test func withoutKeyNothingIsSent() {
        let http = FakeHTTP([])
        #expect(
            throws: ProviderError(
                provider: "chat", code: .notConfigured, message: "OPENAI_API_KEY is not set")
        ) { try client(http, keys: []).complete(system: "s", user: "u") }
    }

    @Test func picturesAsBase64() throws {
        let http = FakeHTTP(200, #"{"data":[{"b64_json":"aGk=","revised_prompt":"more"}]}"#)
        let image = try client(http).generate(prompt: "a \"cat\"", size: "1024x1024")
        #expect(
            image
                == GeneratedImage(
                    png: Array("hi".utf8), revisedPrompt: "more", model: "dall-e-3", offline: false))
        let sent = try JSONValue.parse(text(http.seen[0]))
        #expect(
            sent == [
                "model": "dall-e-3", "prompt": "a \"cat\"", "n": 1, "size": "1024x1024",
                "response_format": "b64_json",
            ])
    }

    @Test func picturesAsLinkAreFetchedWithoutTheKey() throws {
        let link = HTTPResponse(
            status: 200, body: .bytes(#"{"data":[{"url":"http://127.0.0.1:9/p.png?x=1"}]}"#.bytes))
        let http = FakeHTTP([.success(link), .success(HTTPResponse(status: 200, body: .bytes([1, 2])))])
        let image = try client(http, imageModel: "gpt-image-1").generate(prompt: "p", size: "1024x1024")
        #expect(image.png == [1, 2])
        #expect(try JSONValue.parse(text(http.seen[0]))["response_format"] == nil)
        #expect(http.seen[1].target == "/p.png?x=1")
        #expect(http.seen[1].headers["authorization"] == nil)
    }

    @Test(arguments: [
        "not json", "{}", #"{"data":[]}"#, #"{"data":[{}]}"#, #"{"data":[{"b64_json":"%"}]}"#,
    ])
    func unusableAnswers(_ body: String) {
        do {
            _ = try client(FakeHTTP(200, body)).generate(prompt: "p", size: "1024x1024")
            Issue.record("accepted \(body)")
        } catch { #expect(error.code == .badResponse) }
    }

    @Test(arguments: [
        (HTTPClientError.timeout(.read), ProviderError.Code.timeout), (.connect("x"), .unavailable),
        (.tls("x"), .unavailable), (.closed, .unavailable), (.tooLarge, .badResponse),
    ])
    func transportFailures(_ error: HTTPClientError, _ code: ProviderError.Code) {
        do {
            _ = try client(FakeHTTP([.failure(error)])).complete(system: "s", user: "u")
            Issue.record("no error")
        } catch { #expect(error.code == code) }
    }

    @Test(arguments: [
        (400, ProviderError.Code.invalidRequest), (401, .unauthorized), (403, .unauthorized),
        (404, .invalidRequest),
        (500, .unavailable), (503, .unavailable), (504, .timeout), (302, .badResponse),
    ])
    func statuses(_ status: Int, _ code: ProviderError.Code) {
        do {
            _ = try client(FakeHTTP(status, "{}")).complete(system: "s", user: "u")
            Issue.record("no error")
        } catch { #expect(error.code == code) }
    }

    @Test func environment() {
        let set = OpenAIConfiguration.fromEnvironment([
            "OPENAI_BASE_URL": "http://h/v1", "OPENAI_API_KEY": "a", "OPENAI_API_KEY_2": "",
            "IMAGE_MODEL": "m",
        ])
        #expect(set.baseURL == "http://h/v1" && set.apiKeys == ["a"] && set.imageModel == "m")
        let unset = OpenAIConfiguration.fromEnvironment([:])
        #expect(unset.baseURL == "https://api.openai.com/v1" && unset.apiKeys.isEmpty)
    }
}

@Suite struct OpenWeatherClientTests {
    private let answer = """
        {"weather":[{"id":500,"main":"Rain","description":"小雨"}],"main":{"temp":18.4,"humidity":81},
        "wind":{"speed":3.2},"dt":1767322800,"timezone":28800,"name":"上海"}
        """

    @Test func asksAndReads() throws {
        let http = FakeHTTP(200, answer)
        let client = OpenWeatherClient(
            configuration: OpenWeatherConfiguration(baseURL: "http://127.0.0.1:9", apiKey: "k&y"), http: http)
        let report = try client.current(latitude: 31.23, longitude: -0.5, language: "zh")
        #expect(report.description == "小雨" && report.location == "上海" && report.humidityPercent == 81)
        #expect(report.temperatureCelsius == 18.4 && report.windMetersPerSecond == 3.2)
        #expect(report.observedAt.seconds == 1_767_322_800 && report.timezoneOffsetSeconds == 28_800)
        #expect(
            http.seen[0].target
                == "/data/2.5/weather?lat=31.23&lon=-0.5&units=metric&lang=zh_cn&appid=k%26y")
    }

    @Test(arguments: [
        #"{"weather":[{"description":"x"}],"main":{"temp":1e400,"humidity":1}}"#,
        #"{"weather":[{"description":"x"}],"main":{"temp":1,"humidity":1e300}}"#,
        #"{"weather":[{"description":"x"}],"main":{"temp":1,"humidity":1},"timezone":9223372036854775807}"#,
        #"{"weather":[{"description":"x"}],"main":{"temp":1,"humidity":1},"dt":9223372036854775807}"#,
    ])
    func numbersBeyondReasonAreRefused(_ body: String) {
        let client = OpenWeatherClient(
            configuration: OpenWeatherConfiguration(baseURL: "http://h", apiKey: "k"),
            http: FakeHTTP(200, body))
        do {
            _ = try client.current(latitude: 1, longitude: 1, language: "en")
            Issue.record("accepted \(body)")
        } catch { #expect(error.code == .badResponse) }
    }

    @Test func failures() {
        let client = { (http: FakeHTTP) in
            OpenWeatherClient(
                configuration: OpenWeatherConfiguration(baseURL: "http://h", apiKey: "k"), http: http)
        }
        #expect(
            throws: ProviderError(
                provider: "weather", code: .invalidRequest, status: 400, message: "wrong latitude")
        ) {
            try client(FakeHTTP(400, #"{"cod":"400","message":"wrong latitude"}"#))
                .current(latitude: 1, longitude: 1, language: "en")
        }
        #expect(throws: ProviderError.self) {
            try client(FakeHTTP(200, #"{"main":{}}"#)).current(latitude: 1, longitude: 1, language: "en")
        }
    }
}
