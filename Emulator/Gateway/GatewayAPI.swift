import HTTPTypes

/// One API of API Gateway: an HTTP API, a REST API or a WebSocket API.
public protocol GatewayAPI: Sendable {
    /// What stands in front of `.execute-api` in its host name.
    var id: String { get }

    /// Answers one request, whose path begins with the stage, if any. Never throws: every failure is AWS's own
    /// answer.
    func respond(to request: HTTPRequest) async -> HTTPResponse
}
