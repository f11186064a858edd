import HTTPTypes
import Net

/// Lets the AWS port be bound, and so its number be known to the functions, before the services exist.
/// Requests that arrive in that moment wait.
@EventLoop
final class ServiceTable {
    typealias Responder = @Sendable (HTTPRequest) async -> HTTPResponse
    private var responder: Responder?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    nonisolated init() {}

    func open(_ responder: @escaping Responder) {
        self.responder = responder
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if responder == nil { await withCheckedContinuation { waiting.append($0) } }
        guard let responder else { return HTTPResponse(status: 503) }
        return await responder(request)
    }
}
