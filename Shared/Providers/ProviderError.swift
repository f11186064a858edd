import HTTPClient

/// A failed call of an outside service. The message never holds a key.
public struct ProviderError: Error, Sendable, Equatable {
    public enum Code: Sendable {
        /// Every key was refused with 429.
        case throttled
        case unauthorized
        /// The service understood the request and refuses it: a fault of the caller's input.
        case invalidRequest
        /// The service cannot be reached or answers 5xx.
        case unavailable
        case timeout
        /// The answer is not what the service documents.
        case badResponse
        /// No key or address in the environment.
        case notConfigured
    }

    /// `speech`, `image`, `chat` or `weather`.
    public let provider: String
    public let code: Code
    /// HTTP status; 0 when there was no answer.
    public let status: Int
    public let message: String

    public init(provider: String, code: Code, status: Int = 0, message: String) {
        self.provider = provider
        self.code = code
        self.status = status
        self.message = message
    }

    init(provider: String, transport error: HTTPClientError) {
        let code: Code =
            switch error {
            case .timeout: .timeout
            case .protocolViolation, .tooLarge: .badResponse
            case .resolve, .connect, .tls, .closed: .unavailable
            }
        self.init(provider: provider, code: code, message: error.description)
    }

    init(provider: String, status: Int, message: String) {
        let code: Code =
            switch status {
            case 401, 403: .unauthorized
            case 408, 504: .timeout
            case 429: .throttled
            case 500...: .unavailable
            case 400..<500: .invalidRequest
            default: .badResponse
            }
        self.init(provider: provider, code: code, status: status, message: message)
    }
}
