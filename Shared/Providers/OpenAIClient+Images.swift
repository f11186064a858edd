import Bytes
import HTTPTypes
import JSON

extension OpenAIClient: ImageGenerating {
    /// `POST /images/generations`. Understands both forms of the answer: `b64_json`, and `url`, which is fetched.
    public func generate(prompt: String, size: String) throws(ProviderError) -> GeneratedImage {
        let transport = transport("image", configuration.imageTimeoutMilliseconds)
        var request: JSONObject = [
            "model": .string(configuration.imageModel), "prompt": .string(prompt), "n": 1,
            "size": .string(size),
        ]
        // The gpt-image models always answer in base64 and refuse the parameter that asks for it.
        if configuration.imageModel.hasPrefix("dall-e") { request["response_format"] = "b64_json" }
        let response = try post(
            transport, "/images/generations", contentType: "application/json",
            body: JSONValue.object(request).encoded())
        let document = try transport.json(response)
        guard let first = document["data"]?[0] else {
            throw transport.bad("the answer has no data[0]", response)
        }
        return GeneratedImage(
            png: try picture(first, transport, response), revisedPrompt: first["revised_prompt"]?.string,
            model: configuration.imageModel, offline: ProviderTransport.isOffline(response))
    }

    private func picture(
        _ entry: JSONValue, _ transport: ProviderTransport, _ response: HTTPResponse
    ) throws(ProviderError) -> [UInt8] {
        if let text = entry["b64_json"]?.string {
            guard let bytes = Base64.decode(text) else {
                throw transport.bad("b64_json is not base64", response)
            }
            return bytes
        }
        guard let url = entry["url"]?.string else {
            throw transport.bad("the answer has neither b64_json nor url", response)
        }
        // The key goes to the service only, never to the host that stores its pictures.
        let picture = try transport.send("GET", url, headers: HTTPHeaders())
        return picture.body.bytes ?? []
    }
}
