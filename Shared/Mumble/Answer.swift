import HTTPTypes
import JSON
import LambdaEvents

/// A successful answer before it is encoded: status and JSON document.
public struct Answer: Sendable {
    public var status: Int
    public var document: JSONObject
    public var headers: HTTPHeaders

    public init(_ document: JSONObject, status: Int = 200, headers: HTTPHeaders = HTTPHeaders()) {
        self.document = document
        self.status = status
        self.headers = headers
    }

    public static func ok(_ document: JSONObject) -> Answer { Answer(document) }
}

/// Encodes answers and errors, with CORS headers on both, so that a browser can read a refusal as well.
public struct AnswerEncoder: Sendable {
    /// Value of `access-control-allow-origin`: `*` or one origin.
    public let allowOrigin: String

    public init(allowOrigin: String) { self.allowOrigin = allowOrigin }

    public func encode(_ answer: Answer) -> HTTPAPIResponse {
        response(answer.status, JSONValue.object(answer.document), answer.headers)
    }

    public func encode(_ error: HandlerError, requestID: String) -> HTTPAPIResponse {
        let document: JSONObject = [
            "error": [
                "code": .string(error.code), "message": .string(error.message),
                "requestId": .string(requestID),
            ]
        ]
        return response(error.status, .object(document), error.headers)
    }

    private func response(_ status: Int, _ document: JSONValue, _ more: HTTPHeaders) -> HTTPAPIResponse {
        var headers: HTTPHeaders = [
            "content-type": "application/json; charset=utf-8",
            "access-control-allow-origin": allowOrigin,
            "access-control-allow-methods": "GET,POST,DELETE,OPTIONS",
            "access-control-allow-headers": "content-type,idempotency-key",
        ]
        // A shared cache must not hand one origin's answer to another.
        if allowOrigin != "*" { headers.add("vary", "Origin") }
        for (name, value) in more { headers.add(name, value) }
        return HTTPAPIResponse(statusCode: status, headers: headers, body: document.encodedString())
    }
}
