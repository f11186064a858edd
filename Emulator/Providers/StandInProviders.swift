import Bytes
import Clock
import HTTPTypes
import JSON
import Net

/// Offline stand-ins for the services behind the handlers: OpenAI's speech, pictures and text, and
/// OpenWeather. They speak the real wire formats, so a handler cannot tell, and mark every answer with
/// `x-mumble-offline: true`.
public final class StandInProviders: Sendable {
    /// No bucket name may start with an underscore, so this path is free on the AWS port.
    static let prefix = "/_providers/"

    private let weather: WeatherService
    private let pictures = PictureService()
    private let speech: SpeechService

    /// - Parameter temporaryDirectory: where recordings are kept while they are worked on.
    public init(clock: any WallClock, temporaryDirectory: String = "/tmp") {
        weather = WeatherService(clock: clock)
        speech = SpeechService(folder: temporaryDirectory)
    }

    public func matches(_ request: HTTPRequest) -> Bool { request.target.hasPrefix(Self.prefix) }

    /// Answers one request. Never throws: failures are the real services' own error documents.
    @EventLoop
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        var response = await route(request)
        response.headers["x-mumble-offline"] = "true"
        return response
    }

    @EventLoop
    private func route(_ request: HTTPRequest) async -> HTTPResponse {
        let path = request.path.dropFirst(Self.prefix.count)
        if path == "openweather/data/2.5/weather" { return weather.respond(to: request) }
        if path.hasPrefix("openai/files/") {
            return pictures.file(String(path.dropFirst("openai/files/".count)))
        }
        guard path.hasPrefix("openai/v1/") else {
            return OpenAIError.notFound(request).response
        }
        do throws(OpenAIError) {
            try OpenAIError.checkKey(request)
            switch (request.method, path.dropFirst("openai/v1/".count)) {
            case ("POST", "audio/transcriptions"): return try await speech.transcribe(request)
            case ("POST", "images/generations"): return try await pictures.generate(request)
            case ("POST", "chat/completions"): return try ChatService.complete(request)
            case ("GET", "models"): return ChatService.models
            default: throw OpenAIError.notFound(request)
            }
        } catch {
            return error.response
        }
    }
}

extension HTTPResponse {
    static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["content-type": "application/json"], body: .bytes(value.encoded()))
    }
}
