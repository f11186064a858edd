import Bytes
import Digests
import HTTPTypes
import JSON
import Net

/// `POST /v1/images/generations`: paints the prompt.
@EventLoop
final class PictureService {
    nonisolated static let sizes: Set<String> = [
        "256x256", "512x512", "1024x1024", "1792x1024", "1024x1792", "1536x1024", "1024x1536",
    ]
    private nonisolated static let longestPrompt = 32_000
    private static let mostFiles = 16

    /// Pictures that were answered by link, oldest first.
    private var files: [(name: String, png: [UInt8])] = []

    nonisolated init() {}

    struct Order: Sendable {
        let prompt: String
        let model: String
        let width: Int
        let height: Int
        let wantsLink: Bool
    }

    func generate(_ request: HTTPRequest) async throws(OpenAIError) -> HTTPResponse {
        let order = try Self.order(OpenAIError.document(request))
        let png: [UInt8]
        do {
            png = try await runBlocking {
                PNGEncoder.encode(Painter.paint(order.prompt, width: order.width, height: order.height))
            }
        } catch {
            throw OpenAIError(status: 500, message: "\(error)", type: "server_error")
        }
        var entry: JSONObject = ["revised_prompt": .string(order.prompt)]
        if order.wantsLink {
            let host = request.headers["host"] ?? "127.0.0.1"
            entry["url"] = .string("http://\(host)/_providers/openai/files/\(keep(png))")
        } else {
            entry["b64_json"] = .string(Base64.encode(png))
        }
        return .json(200, ["created": 0, "data": [.object(entry)], "offline": true])
    }

    nonisolated static func order(_ document: JSONValue) throws(OpenAIError) -> Order {
        guard let prompt = document["prompt"]?.string, !prompt.isEmpty else {
            throw OpenAIError.bad("prompt", "You must provide a prompt.")
        }
        guard prompt.utf8.count <= longestPrompt else {
            throw OpenAIError.bad("prompt", "The prompt is longer than 32,000 bytes.")
        }
        if let count = document["n"], count.int != 1 {
            throw OpenAIError.bad("n", "The offline painter makes one picture a call: n has to be 1.")
        }
        let model = document["model"]?.string ?? "dall-e-3"
        let named = document["size"]?.string ?? "1024x1024"
        let size = named == "auto" ? "1024x1024" : named
        guard sizes.contains(size) else {
            throw OpenAIError.bad(
                "size", "'\(size)' is not one of \(sizes.sorted().joined(separator: ", ")).")
        }
        let sides = size.split(separator: "x").compactMap { Int($0) }
        let format = document["response_format"]?.string ?? "url"
        guard ["url", "b64_json"].contains(format) else {
            throw OpenAIError.bad("response_format", "'\(format)' is not one of url, b64_json.")
        }
        // The gpt-image models know no links.
        return Order(
            prompt: prompt, model: model, width: sides[0], height: sides[1],
            wantsLink: format == "url" && !model.hasPrefix("gpt-image"))
    }

    private func keep(_ png: [UInt8]) -> String {
        let name = SHA256.hex(png).prefix(32) + ".png"
        if !files.contains(where: { $0.name == name }) { files.append((String(name), png)) }
        if files.count > Self.mostFiles { files.removeFirst() }
        return String(name)
    }

    func file(_ name: String) -> HTTPResponse {
        guard let png = files.first(where: { $0.name == name })?.png else {
            return HTTPResponse(
                status: 404, headers: ["content-type": "text/plain"], body: .bytes("gone\n".bytes))
        }
        return HTTPResponse(status: 200, headers: ["content-type": "image/png"], body: .bytes(png))
    }
}
