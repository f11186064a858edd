import Bytes
import HTTPTypes
import JSON

/// The answers of the Runtime API that carry no event.
enum RuntimeAPIAnswer {
    /// Bytes that a runtime may post as its response: 6 MiB and 100 bytes.
    static let maximumResponseBytes = 6 * 1_048_576 + 100

    static let accepted = json(202, #"{"status":"OK"}"#)
    static let notFound = HTTPResponse(
        status: 404, headers: ["Content-Type": "text/plain; charset=utf-8"],
        body: .bytes("404 page not found\n".bytes))
    static let pong = HTTPResponse(
        status: 200, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes("pong".bytes))
    static let methodNotAllowed = HTTPResponse(status: 405, headers: [:], body: .empty)
    static let tooLarge = tooLarge(limit: maximumResponseBytes)
    static let truncated = error(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
    /// Tells the runtime that its environment is going away.
    static let containerError = error(500, "ContainerError", "Container error")
    static let invalidResponseMode = error(
        400, "InvalidFunctionResponseMode", "Invalid function response mode")

    static func refusal(_ reason: RuntimeAPIState.Refusal) -> HTTPResponse {
        switch reason {
        case .invalidRequestID:
            error(400, "InvalidRequestID", "Invalid request ID")
        case .transition(let from, let to):
            error(
                403, "InvalidStateTransition",
                "State transition from \(from.rawValue) to \(to.rawValue) failed for runtime. "
                    + "Error: State transition is not allowed")
        }
    }

    static func tooLarge(limit: Int) -> HTTPResponse {
        error(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (\(limit) bytes).")
    }

    static func error(_ status: Int, _ type: String, _ message: String) -> HTTPResponse {
        json(status, #"{"errorMessage":"\#(message)","errorType":"\#(type)"}"#)
    }

    static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(text.bytes))
    }
}
