import Clock
import JSON

/// What an access log tells beside the request, or the event of a connection: gathered only for stages that have one.
struct ExchangeFacts: Sendable {
    /// What the gateway itself refused a request for.
    struct Refusal: Sendable {
        let message: String
        /// `$context.error.responseType`.
        let type: String
    }

    /// Nanoseconds.
    let started: UInt64
    let time: Timestamp
    var integrationStarted: UInt64?
    var integrationEnded: UInt64?
    /// What Lambda answered, or the server behind a proxy route.
    var integrationStatus: Int?
    /// What the function said.
    var functionStatus: Int?
    var integrationError: String?
    var authorizerError: String?
    var refusal: Refusal?

    /// What became of the call of a function.
    mutating func ended(_ outcome: FunctionOutcome) {
        integrationEnded = MonotonicClock.nanoseconds
        switch outcome {
        case .payload: integrationStatus = 200
        case .functionError(let payload):
            integrationStatus = 200
            let message = (try? JSONValue.parse(payload))?["errorMessage"]?.string ?? "unknown"
            integrationError = "The Lambda function returned the following error: \(message)."
        case .notFound: integrationError = "The function does not exist."
        case .throttled:
            integrationStatus = 429
            integrationError = "Rate Exceeded."
        case .timedOut: integrationError = "Endpoint request timed out."
        case .payloadTooLarge: break
        }
    }

    /// What the function answered is no answer for a gateway.
    mutating func functionAnsweredWrongly() {
        integrationError =
            "The response from the Lambda function doesn't match the format that API Gateway expects."
    }

    /// Of the variables that all kinds of API share; nil when there is none.
    func value(_ name: String) -> String? {
        switch name {
        case "error.message": return refusal?.message
        case "error.messageString": return refusal.map { JSONValue.string($0.message).encodedString() }
        case "error.responseType": return refusal?.type
        case "integration.error", "integrationErrorMessage": return integrationError
        case "integrationStatus", "integration.integrationStatus":
            return integrationStatus.map { String($0) }
        case "integration.status": return (functionStatus ?? integrationStatus).map { String($0) }
        case "integrationLatency", "integration.latency":
            guard let start = integrationStarted, let end = integrationEnded else { return nil }
            return Self.milliseconds(start, end)
        default: return nil
        }
    }

    static func milliseconds(_ start: UInt64, _ end: UInt64) -> String {
        String((end - min(start, end)) / 1_000_000)
    }
}
