/// An invocation that ran to its end, well or not.
public struct ObservedInvocation: Sendable {
    public let function: String
    /// `$LATEST` or a number.
    public let version: String
    /// The event.
    public let payload: [UInt8]
    public let result: InvokeResult
    public let isError: Bool
    /// Whether it was an earlier invocation's event that ran again.
    public let isReplay: Bool
}

extension LambdaService {
    /// Lets the observer, if there is one, know what becomes of an invocation. Of answers that are streamed nothing
    /// is kept anywhere, so these are not observed.
    func observe(_ invocation: Invocation, of definition: FunctionDefinition) {
        guard let observer, invocation.stream == nil else { return }
        let (function, version, payload) = (definition.name, definition.version, invocation.payload)
        let isReplay = invocation.options.isReplay
        invocation.observer = { outcome in
            switch outcome {
            case .success(let result), .functionError(let result):
                observer(
                    ObservedInvocation(
                        function: function, version: version, payload: payload, result: result,
                        isError: result.functionError != nil, isReplay: isReplay))
            default: break
            }
        }
    }
}
