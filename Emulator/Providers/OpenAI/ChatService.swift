import HTTPTypes
import JSON

/// `POST /v1/chat/completions`: enriches a picture prompt by rules.
enum ChatService {
    static let model = "mumble-offline"
    private static let longestPrompt = 32_000

    static var models: HTTPResponse {
        let names = ["whisper-1", "dall-e-3", "gpt-image-1", "gpt-4o-mini"]
        let data = names.map { name -> JSONValue in
            ["id": .string(name), "object": "model", "created": 0, "owned_by": .string(model)]
        }
        return .json(200, ["object": "list", "data": .array(data)])
    }

    static func complete(_ request: HTTPRequest) throws(OpenAIError) -> HTTPResponse {
        let document = try OpenAIError.document(request)
        guard let name = document["model"]?.string, !name.isEmpty else {
            throw OpenAIError.bad("model", "You must provide a model parameter.")
        }
        guard let messages = document["messages"]?.array, !messages.isEmpty else {
            throw OpenAIError.bad("messages", "'messages' has to be a list that is not empty.")
        }
        guard let user = messages.last(where: { $0["role"]?.string == "user" })?["content"]?.string,
            user.utf8.count <= longestPrompt
        else {
            throw OpenAIError.bad("messages", "The last user message needs text of at most 32,000 bytes.")
        }
        let text = enhanced(user)
        let read = messages.reduce(0) { $0 + tokens($1["content"]?.string ?? "") + 4 }
        let written = tokens(text)
        return .json(
            200,
            [
                "id": "chatcmpl-offline", "object": "chat.completion", "created": 0, "model": .string(name),
                "system_fingerprint": .string(model),
                "choices": [
                    [
                        "index": 0,
                        "message": ["role": "assistant", "content": .string(text), "refusal": nil],
                        "logprobs": nil, "finish_reason": "stop",
                    ]
                ],
                "usage": [
                    "prompt_tokens": .number(.init(read)), "completion_tokens": .number(.init(written)),
                    "total_tokens": .number(.init(read + written)),
                ],
            ])
    }

    /// The user's words stay whole in front; what a painter would ask for follows.
    static func enhanced(_ prompt: String) -> String {
        let words = Vocabulary(prompt)
        var details: [String] = []
        details.append(words.isNight ? "under a deep night sky" : "in \(words.light) light")
        if let weather = words.weather { details.append("with \(weather.phrase)") }
        details.append(words.mood.phrase)
        details.append("clear composition, layered depth, fine texture")
        return "\(prompt.split(separator: "\n").joined(separator: ", ")), \(details.joined(separator: ", "))"
    }

    /// About four bytes a token, as English text has.
    static func tokens(_ text: String) -> Int { (text.utf8.count + 3) / 4 }
}
