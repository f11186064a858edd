import HTTPTypes
import JSON
import Net

/// One API of API Gateway: an HTTP API, a REST API or a WebSocket API.
public protocol GatewayAPI: Sendable {
    /// What stands in front of `.execute-api` in its host name.
    var id: String { get }

    /// The answer to a request that names the API by its id, when `DisableExecuteApiEndpoint` is set; nil when it may.
    var disabledEndpointAnswer: HTTPResponse? { get }

    /// Answers one request, whose path begins with the stage, if any. Never throws: every failure is AWS's own
    /// answer.
    func respond(to request: HTTPRequest) async -> HTTPResponse

    /// As ``respond(to:)``, without a Task: `answer` is called once, maybe before this returns. false leaves the request
    /// to ``respond(to:)``; then nothing has happened.
    @EventLoop func respond(
        to request: HTTPRequest, answer: @escaping @EventLoop (HTTPResponse) -> Void
    ) -> Bool

    /// Answers a request whose body is too large to be read at all; `request` has none.
    func refuseBody(of request: HTTPRequest) -> HTTPResponse

    /// Forgets what a cache of a stage holds; false when there is no such stage, or stages have no such cache. What
    /// authorizers have answered for other stages may go with it.
    func flush(_ cache: StageCache, ofStage stage: String) -> Bool
}

/// What FlushStageCache, and FlushStageAuthorizersCache or ResetAuthorizersCache, empty.
public enum StageCache: Sendable {
    case responses, authorizers
}

extension GatewayAPI {
    public func flush(_ cache: StageCache, ofStage stage: String) -> Bool { false }

    @EventLoop public func respond(
        to request: HTTPRequest, answer: @escaping @EventLoop (HTTPResponse) -> Void
    ) -> Bool { false }

    /// As HTTP APIs say it.
    public func refuseBody(of request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(
            status: 413, headers: ["content-type": "application/json"],
            body: .bytes(JSONValue.object(["message": "Request Entity Too Large"]).encoded()))
    }
}
