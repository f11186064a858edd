import HTTPTypes
import Net

/// What an API calls without a Task, which costs as much as a short function's whole call. Each of these calls
/// `deliver` once, maybe before it returns.
public struct DirectCalls: Sendable {
    public typealias Invoke =
        @EventLoop @Sendable (
            _ function: String, _ event: [UInt8], _ timeoutMilliseconds: Int,
            _ deliver: @escaping @EventLoop (FunctionOutcome) -> Void
        ) -> Void
    public typealias Send =
        @EventLoop @Sendable (
            _ request: BackendRequest, _ deliver: @escaping @EventLoop (BackendResult) -> Void
        ) -> Void

    let invoke: Invoke
    let send: Send

    public init(invoke: @escaping Invoke, send: @escaping Send) {
        self.invoke = invoke
        self.send = send
    }
}

extension HTTPAPI {
    @EventLoop public func respond(
        to request: HTTPRequest, answer: @escaping @EventLoop (HTTPResponse) -> Void
    ) -> Bool {
        guard let direct, !mayAskAuthorizer(about: request) else { return false }
        var exchange = begin(request)
        if let response = admit(&exchange) ?? readBody(&exchange) {
            answer(finish(response, exchange))
            return true
        }
        guard let call = prepare(&exchange) else {
            answer(finish(nil, exchange))
            return true
        }
        let prepared = exchange
        switch call.work {
        case .refused(let response): answer(finish(mapped(response, call), exchange))
        case .function(let name, let event):
            direct.invoke(name, event, call.timeoutMilliseconds) { outcome in
                var exchange = prepared
                let response = self.conclude(outcome, call, &exchange)
                answer(self.finish(response, exchange))
            }
        case .backend(let request):
            direct.send(request) { result in
                var exchange = prepared
                let response = self.conclude(result, call, &exchange)
                answer(self.finish(response, exchange))
            }
        }
        return true
    }

    /// An authorizer may have to be waited for.
    private func mayAskAuthorizer(about request: HTTPRequest) -> Bool {
        guard !authorizers.isEmpty, let (_, path) = stages.select(request) else { return false }
        let match = routes.match(method: request.method, path: path ?? request.path)
        return match?.route.settings?.authorizer != nil
    }
}
