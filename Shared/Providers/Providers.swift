import Clock

/// Recognised speech.
public struct Transcript: Sendable, Equatable {
    public let text: String
    /// As the service names it, for example `english` or `en`; nil when it does not say.
    public let language: String?
    public let durationSeconds: Double?
    /// True when an offline stand-in answered.
    public let offline: Bool

    public init(text: String, language: String?, durationSeconds: Double?, offline: Bool) {
        self.text = text
        self.language = language
        self.durationSeconds = durationSeconds
        self.offline = offline
    }
}

public protocol SpeechTranscribing: Sendable {
    /// - Parameter language: ISO 639-1, or nil to let the service detect it.
    func transcribe(
        audio: [UInt8], fileName: String, contentType: String, language: String?
    ) throws(ProviderError) -> Transcript
}

/// A picture as the service made it.
public struct GeneratedImage: Sendable, Equatable {
    public let png: [UInt8]
    /// The prompt that was really used, when the service changed it.
    public let revisedPrompt: String?
    public let model: String
    public let offline: Bool

    public init(png: [UInt8], revisedPrompt: String?, model: String, offline: Bool) {
        self.png = png
        self.revisedPrompt = revisedPrompt
        self.model = model
        self.offline = offline
    }
}

public protocol ImageGenerating: Sendable {
    /// - Parameter size: `WIDTHxHEIGHT` in pixels, one that the model knows.
    func generate(prompt: String, size: String) throws(ProviderError) -> GeneratedImage
}

/// What a language model wrote.
public struct Completion: Sendable, Equatable {
    public let text: String
    public let model: String
    public let offline: Bool

    public init(text: String, model: String, offline: Bool) {
        self.text = text
        self.model = model
        self.offline = offline
    }
}

public protocol PromptEnhancing: Sendable {
    func complete(system: String, user: String) throws(ProviderError) -> Completion
}

/// The weather of a place now.
public struct WeatherReport: Sendable, Equatable {
    public let description: String
    public let temperatureCelsius: Double
    /// Name of the nearest place the service knows.
    public let location: String
    /// 0 to 100.
    public let humidityPercent: Int
    public let windMetersPerSecond: Double
    public let observedAt: Timestamp
    /// Seconds east of UTC.
    public let timezoneOffsetSeconds: Int
    public let offline: Bool

    public init(
        description: String, temperatureCelsius: Double, location: String, humidityPercent: Int,
        windMetersPerSecond: Double, observedAt: Timestamp, timezoneOffsetSeconds: Int, offline: Bool
    ) {
        self.description = description
        self.temperatureCelsius = temperatureCelsius
        self.location = location
        self.humidityPercent = humidityPercent
        self.windMetersPerSecond = windMetersPerSecond
        self.observedAt = observedAt
        self.timezoneOffsetSeconds = timezoneOffsetSeconds
        self.offline = offline
    }
}

public protocol WeatherFetching: Sendable {
    /// - Parameters:
    ///   - latitude: degrees, -90 to 90.
    ///   - longitude: degrees, -180 to 180.
    ///   - language: `zh` or `en`.
    func current(latitude: Double, longitude: Double, language: String) throws(ProviderError) -> WeatherReport
}
