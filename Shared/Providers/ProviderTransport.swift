import HTTPClient
import HTTPTypes
import JSON

/// What all providers need: send, map failures, parse JSON.
struct ProviderTransport: Sendable {
    /// Response header by which an offline stand-in says what it is.
    static let offlineHeader = "x-mumble-offline"

    let provider: String
    let http: any HTTPSending
    let timeoutMilliseconds: Int
    /// Keys, which services like to repeat in their messages.
    var secrets: [String] = []

    /// The answer to a 2xx; everything else is thrown.
    func send(
        _ method: String, _ address: String, headers: HTTPHeaders, body: [UInt8] = []
    ) throws(ProviderError) -> HTTPResponse {
        guard let url = URLParts(address) else {
            throw ProviderError(
                provider: provider, code: .notConfigured, message: "the provider's address is not a URL")
        }
        var request = HTTPRequest(method: method, target: url.target, headers: headers, body: .bytes(body))
        request.headers["Host"] = url.hostHeader
        let response: HTTPResponse
        do {
            response = try http.send(request, to: url, timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            throw ProviderError(provider: provider, transport: error)
        }
        guard (200..<300).contains(response.status) else {
            throw ProviderError(provider: provider, status: response.status, message: reason(response))
        }
        return response
    }

    func json(_ response: HTTPResponse) throws(ProviderError) -> JSONValue {
        do {
            return try JSONValue.parse(response.body.bytes ?? [])
        } catch {
            throw bad("the answer is not JSON: \(error.reason)", response)
        }
    }

    func bad(_ message: String, _ response: HTTPResponse) -> ProviderError {
        ProviderError(provider: provider, code: .badResponse, status: response.status, message: message)
    }

    static func isOffline(_ response: HTTPResponse) -> Bool { response.headers[offlineHeader] == "true" }

    /// OpenAI says `{"error":{"message"}}`, OpenWeather `{"message"}`.
    private func reason(_ response: HTTPResponse) -> String {
        let document = try? JSONValue.parse(response.body.bytes ?? [])
        let text = document?["error"]?["message"]?.string ?? document?["message"]?.string
        return String(Self.masking(secrets, in: text ?? "HTTP status \(response.status)").prefix(300))
    }

    static func masking(_ secrets: [String], in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.first {
            if let secret = secrets.first(where: { !$0.isEmpty && rest.hasPrefix($0) }) {
                result += "***"
                rest = rest.dropFirst(secret.count)
            } else {
                result.append(character)
                rest.removeFirst()
            }
        }
        return result
    }
}
