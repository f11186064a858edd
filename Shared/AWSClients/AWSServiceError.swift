import HTTPClient
import JSON

/// A call to an AWS service failed.
public struct AWSServiceError: Error, Sendable, CustomStringConvertible {
    /// The service's own name for it, without namespace: `ConditionalCheckFailedException`,
    /// `NoSuchKey`. `TransportError` when no response came.
    public var code: String
    /// HTTP status, 0 when no response came.
    public var status: Int
    public var message: String
    /// The whole error document of JSON services, for members such as `CancellationReasons`.
    public var body: JSONValue?
    /// Whether the same request may succeed when it is sent again.
    public var retryable: Bool
    /// Whether the service may have done what was asked although this is no success: the request was sent,
    /// but its answer was lost, cannot be read or does not tell.
    public var mayHaveBeenApplied: Bool

    public init(
        code: String, status: Int, message: String, body: JSONValue? = nil, retryable: Bool,
        mayHaveBeenApplied: Bool = false
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.body = body
        self.retryable = retryable
        self.mayHaveBeenApplied = mayHaveBeenApplied
    }

    /// An answer of the service: retryable when it is a throttle or a failure on the service's side.
    init(code: String, status: Int, message: String, body: JSONValue? = nil) {
        let isThrottle = status == 429 || Self.throttles.contains(code)
        self.init(
            code: code, status: status, message: message, body: body,
            retryable: status >= 500 || isThrottle,
            // A throttle is a refusal; only a timeout on the service's side leaves open how far it got.
            mayHaveBeenApplied: code == "RequestTimeout" || (status >= 500 && !isThrottle))
    }

    init(transport error: HTTPClientError) {
        // What is too large or not HTTP today will be so again in a moment.
        let retryable =
            switch error {
            case .resolve, .connect, .timeout, .closed: true
            case .tls, .protocolViolation, .tooLarge: false
            }
        // Up to the handshake the service has seen nothing of the request.
        let isUnsent =
            switch error {
            case .resolve, .connect, .timeout(.connect), .timeout(.handshake), .tls: true
            case .timeout, .closed, .protocolViolation, .tooLarge: false
            }
        self.init(
            code: "TransportError", status: 0, message: error.description, retryable: retryable,
            mayHaveBeenApplied: !isUnsent)
    }

    public var description: String { "\(status) \(code): \(message)" }

    /// Error codes that stand for "slow down", whatever their status (AWS SDKs and Tools Reference
    /// Guide, "Retry behavior").
    private static let throttles: Set<String> = [
        "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "RequestTimeout", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException",
    ]
}
