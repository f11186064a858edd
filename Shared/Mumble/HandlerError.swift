import HTTPTypes

/// A refusal or failure that the client is told about.
///
/// Every handler error becomes `{"error": {"code", "message", "requestId"}}` with `status`; nothing else in
/// the handlers builds an error document.
public struct HandlerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// HTTP status, 400 to 599.
    public var status: Int
    /// Stable word for programs, for example `InvalidField`. Listed in docs/API.md.
    public var code: String
    /// One sentence for people. Names the field when the input is at fault.
    public var message: String
    /// Further answer headers, such as `Retry-After` or `Allow`.
    public var headers: HTTPHeaders
    /// Goes to the function's log only: what the service behind said. Never sent to the client.
    public var detail: String?

    public init(
        status: Int, code: String, message: String, headers: HTTPHeaders = HTTPHeaders(),
        detail: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.detail = detail
    }

    public var description: String {
        "\(status) \(code): \(message)" + (detail.map { " (\($0))" } ?? "")
    }

    // MARK: - The client's fault

    /// 400: an input is absent. `label` is for example `field 'delta'`.
    public static func missing(_ label: String) -> HandlerError {
        HandlerError(status: 400, code: "MissingField", message: "\(label) is missing")
    }

    /// 400: an input is present and wrong; `rule` continues the sentence, as in "must be a string".
    public static func invalid(_ label: String, _ rule: String) -> HandlerError {
        HandlerError(status: 400, code: "InvalidField", message: "\(label) \(rule)")
    }

    public static func badRequest(_ code: String, _ message: String) -> HandlerError {
        HandlerError(status: 400, code: code, message: message)
    }

    public static func notFound(_ code: String, _ message: String) -> HandlerError {
        HandlerError(status: 404, code: code, message: message)
    }

    /// 405 with the `Allow` header that RFC 9110, section 15.5.6, demands.
    public static func methodNotAllowed(_ method: String, path: String, allow: [String]) -> HandlerError {
        HandlerError(
            status: 405, code: "MethodNotAllowed", message: "method \(method) is not allowed for \(path)",
            headers: ["allow": allow.joined(separator: ", ")])
    }

    public static func tooLarge(_ message: String) -> HandlerError {
        HandlerError(status: 413, code: "PayloadTooLarge", message: message)
    }

    public static func unsupportedMediaType(_ message: String) -> HandlerError {
        HandlerError(status: 415, code: "UnsupportedMediaType", message: message)
    }

    // MARK: - Not the client's fault

    /// 503 that a client may repeat after `retryAfterSeconds`.
    public static func unavailable(
        _ code: String, _ message: String, retryAfterSeconds: Int = 1, detail: String? = nil
    ) -> HandlerError {
        HandlerError(
            status: 503, code: code, message: message, headers: ["retry-after": String(retryAfterSeconds)],
            detail: detail)
    }
}
