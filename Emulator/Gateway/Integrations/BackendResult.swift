import HTTPTypes

/// Why a backend gave no answer. The texts are for logs.
public enum BackendFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// No connection could be made.
    case unreachable(String)
    case timedOut
    /// The connection ended before the answer was complete.
    case closed(afterBytes: Bool)
    case badAnswer(String)
    /// The answer is longer than 10 MB.
    case tooLarge
    /// The gateway did not even try: the circuit is open, or health checks fail.
    case refused(String)
    /// The request cannot be written: its method, target or a field has characters that HTTP does not allow there.
    case unsendable

    public var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .timedOut: "the backend did not answer in time"
        case .closed: "the backend closed the connection before its answer was complete"
        case .badAnswer(let reason): "the backend's answer is not HTTP: \(reason)"
        case .tooLarge: "the backend's answer is larger than 10 MB"
        case .refused(let reason): reason
        case .unsendable: "the request has characters that HTTP does not allow"
        }
    }
}

/// What came of a request to a backend. Any status is an answer.
public enum BackendResult: Sendable {
    case answer(HTTPResponse)
    case failure(BackendFailure)

    /// What the circuit breaker makes of it.
    var outcome: CircuitBreaker.Outcome {
        switch self {
        case .answer(let response): response.status >= 500 ? .failure : .success
        case .failure(.refused), .failure(.unsendable): .neither
        case .failure: .failure
        }
    }
}
