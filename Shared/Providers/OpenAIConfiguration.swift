/// How to reach a service that speaks OpenAI's API, and with which models.
public struct OpenAIConfiguration: Sendable {
    public static let defaultBaseURL = "https://api.openai.com/v1"

    public var baseURL: String
    /// Tried in order: the next one only when the one before is throttled.
    public var apiKeys: [String]
    public var speechModel: String
    public var imageModel: String
    public var chatModel: String
    public var speechTimeoutMilliseconds = 60_000
    public var imageTimeoutMilliseconds = 90_000
    public var chatTimeoutMilliseconds = 20_000

    public init(
        baseURL: String = defaultBaseURL, apiKeys: [String], speechModel: String = "whisper-1",
        imageModel: String = "dall-e-3", chatModel: String = "gpt-4o-mini"
    ) {
        self.baseURL = baseURL
        self.apiKeys = apiKeys
        self.speechModel = speechModel
        self.imageModel = imageModel
        self.chatModel = chatModel
    }

    /// Reads `OPENAI_BASE_URL`, `OPENAI_API_KEY`, `OPENAI_API_KEY_2`, `SPEECH_MODEL`, `IMAGE_MODEL` and
    /// `CHAT_MODEL`. Without a key every call fails with `notConfigured`.
    public static func fromEnvironment(_ environment: [String: String]) -> OpenAIConfiguration {
        func value(_ name: String, _ fallback: String) -> String {
            environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? fallback
        }
        return OpenAIConfiguration(
            baseURL: value("OPENAI_BASE_URL", defaultBaseURL),
            apiKeys: ["OPENAI_API_KEY", "OPENAI_API_KEY_2"].compactMap { environment[$0] }.filter {
                !$0.isEmpty
            },
            speechModel: value("SPEECH_MODEL", "whisper-1"), imageModel: value("IMAGE_MODEL", "dall-e-3"),
            chatModel: value("CHAT_MODEL", "gpt-4o-mini"))
    }
}
