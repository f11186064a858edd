/// Calls a function with an event. It has to return within the given time, with `.timedOut` if need be.
public typealias InvokeFunction =
    @Sendable (_ function: String, _ event: [UInt8], _ timeoutMilliseconds: Int) async -> FunctionOutcome

/// What became of a function call, in the gateway's words.
public enum FunctionOutcome: Sendable {
    case payload([UInt8])
    /// The function failed or ended; `X-Amz-Function-Error` of Lambda's Invoke, whose payload says how.
    case functionError(_ payload: [UInt8])
    case throttled
    case notFound
    case payloadTooLarge
    case timedOut
}
