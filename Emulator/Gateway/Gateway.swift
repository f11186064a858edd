import HTTPTypes
import JSON
import Net

/// All APIs of a service behind one port. A request names its API as at AWS, by the host
/// `{apiId}.execute-api.{anything}`, or, where names cannot be resolved, by the path `/_aws/execute-api/{apiId}/...`;
/// one that does neither is for the first API.
public struct Gateway: Sendable {
    static let pathPrefix = "/_aws/execute-api/"

    let apis: [any GatewayAPI]
    let webSocket: WebSocketAPI?

    /// - Parameter apis: the first one answers what names none, but for what only a WebSocket API can answer.
    public init(_ apis: [any GatewayAPI]) {
        self.apis = apis
        webSocket = apis.lazy.compactMap { $0 as? WebSocketAPI }.first
    }

    /// Whether a request names an API: such a request is the gateway's on every port.
    public static func isNamed(by request: HTTPRequest) -> Bool {
        request.target.hasPrefix(pathPrefix) || request.headers.withValue(of: "host") { isOfAPI($0) } == true
    }

    /// `{apiId}.execute-api.{anything}`. Asked of every request, so without a String.
    private static func isOfAPI(_ host: UnsafeRawBufferPointer) -> Bool {
        guard let dot = host.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return host[(dot + 1)...].starts(with: "execute-api.".utf8)
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let (api, request, isNamed) = addressee(of: request) else { return Self.unknown }
        if isNamed, let refusal = api.disabledEndpointAnswer { return refusal }
        return await api.respond(to: request)
    }

    /// As ``respond(to:)``, without a Task: `answer` is called once, maybe before this returns. false leaves the request
    /// to ``respond(to:)``.
    @EventLoop public func respond(
        to request: HTTPRequest, answer: @escaping @EventLoop (HTTPResponse) -> Void
    ) -> Bool {
        guard let (api, request, isNamed) = addressee(of: request),
            !isNamed || api.disabledEndpointAnswer == nil
        else { return false }
        return api.respond(to: request, answer: answer)
    }

    /// Answers a request whose body is too large to be read at all.
    public func refuseBody(of request: HTTPRequest) -> HTTPResponse {
        guard let (api, request, isNamed) = addressee(of: request) else { return Self.unknown }
        if isNamed, let refusal = api.disabledEndpointAnswer { return refusal }
        return api.refuseBody(of: request)
    }

    /// The API that a request is for, the request as that API has to see it, and whether it has named the API.
    private func addressee(
        of request: HTTPRequest
    ) -> (api: any GatewayAPI, request: HTTPRequest, isNamed: Bool)? {
        guard Self.isNamed(by: request) else {
            if let webSocket, WebSocketAPI.isMeant(by: request) { return (webSocket, request, false) }
            return apis.first.map { ($0, request, false) }
        }
        let (id, named) = Self.withoutName(request)
        return apis.first { $0.id == id }.map { ($0, named, true) }
    }

    /// The name of the API, and the request as that API has to see it.
    private static func withoutName(_ request: HTTPRequest) -> (id: String, request: HTTPRequest) {
        guard request.target.hasPrefix(pathPrefix) else {
            let host = request.headers["host"] ?? ""
            return (String(host.prefix { $0 != "." }), request)
        }
        let rest = request.target.dropFirst(pathPrefix.count)
        let id = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest.dropFirst(id.count)
        var named = request
        named.target = target.hasPrefix("/") ? String(target) : "/" + target
        return (String(id), named)
    }

    /// What an API that does not exist answers.
    private static var unknown: HTTPResponse {
        HTTPResponse(
            status: 404, headers: ["content-type": "application/json"],
            body: .bytes(JSONValue.object(["message": "Not Found"]).encoded()))
    }
}
