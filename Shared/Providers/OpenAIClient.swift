import HTTPClient
import HTTPTypes
import JSON

/// Speech, pictures and text from a service that speaks OpenAI's API ("API Reference", platform.openai.com).
public final class OpenAIClient: Sendable {
    let configuration: OpenAIConfiguration
    let http: any HTTPSending

    public init(configuration: OpenAIConfiguration, http: any HTTPSending) {
        self.configuration = configuration
        self.http = http
    }

    /// Sends with the first key, and with the next one when that is throttled.
    func post(
        _ transport: ProviderTransport, _ path: String, contentType: String, body: [UInt8]
    ) throws(ProviderError) -> HTTPResponse {
        var throttled = ProviderError(
            provider: transport.provider, code: .notConfigured, message: "OPENAI_API_KEY is not set")
        for key in configuration.apiKeys {
            do {
                return try transport.send(
                    "POST", configuration.baseURL + path,
                    headers: ["Authorization": "Bearer \(key)", "Content-Type": contentType], body: body)
            } catch {
                guard error.code == .throttled else { throw error }
                throttled = error
            }
        }
        throw throttled
    }

    func transport(_ provider: String, _ timeoutMilliseconds: Int) -> ProviderTransport {
        ProviderTransport(
            provider: provider, http: http, timeoutMilliseconds: timeoutMilliseconds,
            secrets: configuration.apiKeys)
    }
}

extension OpenAIClient: PromptEnhancing {
    /// `POST /chat/completions`.
    public func complete(system: String, user: String) throws(ProviderError) -> Completion {
        let transport = transport("chat", configuration.chatTimeoutMilliseconds)
        let request: JSONValue = [
            "model": .string(configuration.chatModel),
            "messages": [
                ["role": "system", "content": .string(system)], ["role": "user", "content": .string(user)],
            ],
        ]
        let response = try post(
            transport, "/chat/completions", contentType: "application/json", body: request.encoded())
        let document = try transport.json(response)
        guard
            let text = document["choices"]?[0]?["message"]?["content"]?.string,
            !text.isEmpty
        else { throw transport.bad("the answer has no choices[0].message.content", response) }
        return Completion(
            text: text, model: document["model"]?.string ?? configuration.chatModel,
            offline: ProviderTransport.isOffline(response))
    }
}
