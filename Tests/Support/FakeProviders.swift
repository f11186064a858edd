import Clock
import Mumble
import ProviderClients
import Synchronization

/// A speech provider that hears what it was told to hear, and counts how often it is asked.
public final class FakeSpeech: SpeechTranscribing {
    private let state:
        Mutex<(result: Result<Transcript, ProviderError>, languages: [String?], files: [String])>

    public init(_ result: Result<Transcript, ProviderError>) { state = Mutex((result, [], [])) }

    public var calls: Int { state.withLock { $0.languages.count } }
    /// The language of each call; nil is automatic.
    public var languages: [String?] { state.withLock { $0.languages } }
    public var fileNames: [String] { state.withLock { $0.files } }
    public func set(_ result: Result<Transcript, ProviderError>) { state.withLock { $0.result = result } }

    public func transcribe(
        audio: [UInt8], fileName: String, contentType: String, language: String?
    ) throws(ProviderError) -> Transcript {
        let result = state.withLock {
            $0.languages.append(language)
            $0.files.append(fileName)
            return $0.result
        }
        return try result.get()
    }
}

public final class FakeImages: ImageGenerating {
    private let state: Mutex<(result: Result<GeneratedImage, ProviderError>, prompts: [String])>

    public init(_ result: Result<GeneratedImage, ProviderError>) { state = Mutex((result, [])) }

    public var prompts: [String] { state.withLock { $0.prompts } }
    public func set(_ result: Result<GeneratedImage, ProviderError>) { state.withLock { $0.result = result } }

    public func generate(prompt: String, size: String) throws(ProviderError) -> GeneratedImage {
        let result = state.withLock {
            $0.prompts.append(prompt)
            return $0.result
        }
        return try result.get()
    }
}

public final class FakeChat: PromptEnhancing {
    private let state: Mutex<(result: Result<Completion, ProviderError>, users: [String])>

    public init(_ result: Result<Completion, ProviderError>) { state = Mutex((result, [])) }

    public var users: [String] { state.withLock { $0.users } }
    public func set(_ result: Result<Completion, ProviderError>) { state.withLock { $0.result = result } }

    public func complete(system: String, user: String) throws(ProviderError) -> Completion {
        let result = state.withLock {
            $0.users.append(user)
            return $0.result
        }
        return try result.get()
    }
}

public final class FakeWeather: WeatherFetching {
    public struct Call: Sendable, Equatable {
        public var latitude: Double
        public var longitude: Double
        public var language: String

        public init(latitude: Double, longitude: Double, language: String) {
            self.latitude = latitude
            self.longitude = longitude
            self.language = language
        }
    }

    private let state: Mutex<(result: Result<WeatherReport, ProviderError>, calls: [Call])>

    public init(_ result: Result<WeatherReport, ProviderError>) { state = Mutex((result, [])) }

    public var calls: [Call] { state.withLock { $0.calls } }
    public func set(_ result: Result<WeatherReport, ProviderError>) { state.withLock { $0.result = result } }

    public func current(
        latitude: Double, longitude: Double, language: String
    ) throws(ProviderError) -> WeatherReport {
        let result = state.withLock {
            $0.calls.append(Call(latitude: latitude, longitude: longitude, language: language))
            return $0.result
        }
        return try result.get()
    }
}

/// A provider probe with a fixed outcome.
public struct FakeProbe: ProviderProbing {
    public let name: String
    let outcome: String?

    public init(_ name: String, failure: String? = nil) {
        self.name = name
        outcome = failure
    }

    public func failure() -> String? { outcome }
}

/// Ids in order: `00000000-0000-4000-8000-000000000001`, then `...2`.
public final class CountingIdentifiers: IdentifierMaking {
    private let last = Mutex(0)
    public init() {}

    public func makeID() -> String {
        Self.id(
            last.withLock {
                $0 += 1
                return $0
            })
    }

    public static func id(_ number: Int) -> String {
        let digits = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}
