import AWSClients
import HTTPTypes
import ProviderClients

/// Translates failures of the services behind the handlers, once, into answers with a clear code.
extension HandlerError {
    /// What a failed DynamoDB call means to the client.
    public init(table error: AWSServiceError, operation: String) {
        self.init(service: "Table", noun: "the table", error, operation)
    }

    /// What a failed S3 call means to the client.
    public init(storage error: AWSServiceError, operation: String) {
        self.init(service: "Storage", noun: "the object storage", error, operation)
    }

    private init(service: String, noun: String, _ error: AWSServiceError, _ operation: String) {
        let detail = "\(operation): \(error.status) \(error.code): \(error.message)"
        switch error.code {
        case "TransportError":
            self = .unavailable("\(service)Unavailable", "\(noun) cannot be reached", detail: detail)
        case "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown", "Throttling",
            "ThrottlingException", "TransactionInProgressException":
            self = .unavailable("\(service)Throttled", "\(noun) is throttling; try again", detail: detail)
        case _ where error.status >= 500:
            self = .unavailable("\(service)Unavailable", "\(noun) failed; try again", detail: detail)
        default:
            self.init(
                status: 500, code: "\(service)Refused",
                message: "\(noun) refused \(operation) with \(error.code)", detail: detail)
        }
    }

    /// What a failed provider call means to the client: 502, 503 or 504, never a 500.
    public init(provider error: ProviderError) {
        let name = error.provider
        let prefix = name.prefix(1).uppercased() + name.dropFirst() + "Provider"
        let detail = "\(name) provider: \(error.status) \(error.code): \(error.message)"
        switch error.code {
        case .throttled:
            self = .unavailable(
                "\(prefix)Throttled", "the \(name) provider is throttling; try again later",
                retryAfterSeconds: 20, detail: detail)
        case .unavailable:
            self = .unavailable(
                "\(prefix)Unavailable", "the \(name) provider cannot be reached", retryAfterSeconds: 5,
                detail: detail)
        case .notConfigured:
            self.init(
                status: 503, code: "\(prefix)NotConfigured",
                message: "the \(name) provider has no key or address in this deployment", detail: detail)
        case .timeout:
            self.init(
                status: 504, code: "\(prefix)Timeout", message: "the \(name) provider did not answer in time",
                detail: detail)
        case .unauthorized:
            self.init(
                status: 502, code: "\(prefix)Unauthorized",
                message: "the \(name) provider refused this deployment's key", detail: detail)
        case .invalidRequest:
            self.init(
                status: 502, code: "\(prefix)Rejected",
                message: "the \(name) provider rejected the request: \(error.message)", detail: detail)
        case .badResponse:
            self.init(
                status: 502, code: "\(prefix)BadResponse",
                message: "the \(name) provider sent an answer that cannot be used", detail: detail)
        }
    }
}
