/// How a function is invoked.
public struct InvokeOptions: Sendable {
    /// `$LATEST`, the number of a version, an alias, or nil: appended to the ARN that the function sees.
    public var qualifier: String?
    /// Whether the result carries the invocation's log; the outcome is then known only when the
    /// environment is ready again, since the log's last line tells the duration.
    public var wantsLogTail: Bool
    /// Decoded JSON text of the client context.
    public var clientContext: String?
    /// `Root=...;Parent=...;Sampled=...`; nil makes one.
    public var traceID: String?
    /// The id of the request; nil makes one.
    public var requestID: String?
    /// Who calls, when a mobile SDK does so with credentials of Amazon Cognito.
    public var cognitoIdentity: CognitoIdentity?
    /// For functions that keep their tenants apart: the tenant in whose name the call is made.
    public var tenantID: String?
    /// Whether `emulator replay` makes the call: observers are told.
    public var isReplay = false

    public init(
        qualifier: String? = nil, wantsLogTail: Bool = false, clientContext: String? = nil,
        traceID: String? = nil, requestID: String? = nil
    ) {
        self.qualifier = qualifier
        self.wantsLogTail = wantsLogTail
        self.clientContext = clientContext
        self.traceID = traceID
        self.requestID = requestID
    }
}

/// An identity of Amazon Cognito; either part may be missing.
public struct CognitoIdentity: Sendable, Equatable {
    public var identityID: String?
    public var identityPoolID: String?

    /// - Returns: nil when both parts are missing.
    public init?(identityID: String?, identityPoolID: String?) {
        guard identityID != nil || identityPoolID != nil else { return nil }
        self.identityID = identityID
        self.identityPoolID = identityPoolID
    }
}

/// What became of one invocation.
public enum InvokeOutcome: Sendable {
    case success(InvokeResult)
    /// The function failed, crashed, or ran out of time; the payload says how.
    case functionError(InvokeResult)
    /// HTTP 429; the reason is AWS's, such as `ReservedFunctionConcurrentInvocationLimitExceeded`.
    case throttled(reason: String)
    case functionNotFound
    /// The payload exceeds `limit` bytes.
    case requestTooLarge(limit: Int)
    /// The machine refused to create an environment, or the emulator is going down.
    case startFailure(reason: String)
}

/// The function's answer, and what it took.
public struct InvokeResult: Sendable {
    /// The bytes that the function, or the platform for it, answered.
    public var payload: [UInt8]
    /// `Unhandled` when the function failed.
    public var functionError: String?
    /// The version that ran: `$LATEST` or its number.
    public var executedVersion: String
    /// The last 4 KB of the invocation's log; empty when it was not asked for.
    public var logTail: [UInt8]
    public var requestID: String
    /// From the event being handed over until the answer (until the next poll with a log tail).
    public var durationMs: Double
    /// The duration, rounded up to milliseconds; at least 1.
    public var billedMs: Int
    /// How long the init took, for the first invocation of an environment.
    public var initMs: Double?
    /// The peak resident memory of the process, in MiB; 0 when its process is already gone.
    public var maxMemoryMB: Int
    /// Whether the function ran out of time.
    public var timedOut: Bool
}
