import HTTPTypes
import JSON

/// OpenAI's error document: `{"error":{"message","type","param","code"}}`.
struct OpenAIError: Error {
    let status: Int
    let message: String
    var type = "invalid_request_error"
    var parameter: String?
    var code: String?

    var response: HTTPResponse {
        .json(
            status,
            [
                "error": [
                    "message": .string(message), "type": .string(type),
                    "param": parameter.map { .string($0) } ?? .null,
                    "code": code.map { .string($0) } ?? .null,
                ]
            ])
    }

    static func bad(_ parameter: String, _ message: String) -> OpenAIError {
        OpenAIError(status: 400, message: message, parameter: parameter, code: "invalid_value")
    }

    static func notFound(_ request: HTTPRequest) -> OpenAIError {
        OpenAIError(
            status: 404, message: "Invalid URL (\(request.method) \(request.path))", code: "unknown_url")
    }

    /// Any key will do, but one has to be there, as for the real service.
    static func checkKey(_ request: HTTPRequest) throws(OpenAIError) {
        let value = request.headers["authorization"] ?? ""
        guard value.hasPrefix("Bearer "), value.utf8.count > "Bearer ".utf8.count else {
            throw OpenAIError(
                status: 401,
                message: "You didn't provide an API key in an Authorization header (Bearer KEY).",
                code: "invalid_api_key")
        }
    }

    /// Bytes of a JSON request; prompts are bounded far below.
    private static let largestDocument = 1 << 20

    static func document(_ request: HTTPRequest) throws(OpenAIError) -> JSONValue {
        guard request.body.length <= largestDocument else {
            throw OpenAIError(status: 413, message: "The body is larger than \(largestDocument) bytes.")
        }
        do {
            return try JSONValue.parse(request.body.readAll())
        } catch {
            throw OpenAIError(status: 400, message: "The body is not JSON: \(error).")
        }
    }
}
