import AWSProtocol
import HTTPServer
import HTTPTypes
import Net

/// Lets the AWS port be bound, and so its number be known to the functions, before the services exist.
/// Requests that arrive in that moment wait.
@EventLoop
final class ServiceTable {
    typealias Responder = @Sendable (HTTPRequest) async -> HTTPResponse
    private var responder: Responder?
    private var endpoint: AWSEndpoint?
    private var isOwn: @Sendable (HTTPRequest) -> Bool = { _ in false }
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Told of every request to a service; nil unless actions are traced.
    var actions: ActionTrace?

    /// A body for the offline stand-ins, bytes.
    private static let ownBodyBytes: Int64 = 64 << 20

    nonisolated init() {}

    /// - Parameters:
    ///   - endpoint: judges requests before their bodies have come.
    ///   - isOwn: whether a request is for the emulator itself and no service of AWS.
    func open(
        _ endpoint: AWSEndpoint, isOwn: @escaping @Sendable (HTTPRequest) -> Bool,
        _ responder: @escaping Responder
    ) {
        self.responder = responder
        self.endpoint = endpoint
        self.isOwn = isOwn
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    /// What becomes of a request with a long body, by its head.
    func admission(of head: HTTPRequest) -> BodyAdmission {
        guard let endpoint, !isOwn(head) else { return .take(maxBytes: Self.ownBodyBytes) }
        return switch endpoint.admission(of: head) {
        case .take(let maxBytes): .take(maxBytes: maxBytes)
        case .preview(let maxBytes, let bytes, let judge):
            .preview(maxBytes: maxBytes, bytes: bytes) { judge($0) }
        case .refuse(let response): .refuse(response)
        }
    }

    func tooLarge(_ head: HTTPRequest) -> HTTPResponse {
        endpoint?.tooLarge(head) ?? HTTPResponse(status: 503)
    }

    func stalled(_ head: HTTPRequest) -> HTTPResponse? { endpoint?.stalled(head) }

    /// The answer to a request that waits for nothing; nil leaves it to `respond`.
    func answerAtOnce(_ request: HTTPRequest) -> HTTPResponse? {
        guard let response = endpoint?.answerAtOnce(request, unless: isOwn) else { return nil }
        actions?.note(request, response)
        return response
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if responder == nil { await withCheckedContinuation { waiting.append($0) } }
        guard let responder else { return HTTPResponse(status: 503) }
        return await responder(request)
    }
}
