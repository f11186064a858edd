import AWSProtocol
import Clock
import HTTPTypes
import JSON
import Net

/// API Gateway's own services on the port of all services.
extension Gateway {
    /// - Parameters:
    ///   - models: what the manifest declares.
    ///   - created: when the APIs came to be.
    ///   - accountLimits: of all of them together.
    public func restServices(
        _ models: [APIModel], region: String, accountID: String, created: Timestamp,
        accountLimits: ThrottlingLimits = .ofAccount
    ) -> [RESTService] {
        let management = ManagementService(
            models, region: region, accountID: accountID, created: created, accountLimits: accountLimits,
            flush: { cache, id, stage, isREST in
                let api = apis.first { $0.id == id && $0 is RESTAPI == isREST }
                return api?.flush(cache, ofStage: stage) ?? false
            })
        return [management.restService] + (connectionsService.map { [$0] } ?? [])
    }

    /// `apigatewaymanagementapi`: the calls to `@connections` of an endpoint that names no API.
    private var connectionsService: RESTService? {
        guard let webSocket else { return nil }
        return RESTService(
            signingName: "execute-api", style: .lambda,
            // Without a signature it may as well be for a bucket, unless it names what can be a connection.
            matches: { request in
                ConnectionsPath.isMeant(by: request.target)
                    && ConnectionsPath(request.path).map { GatewayIdentifier.isWellFormed($0.id) } == true
            },
            handle: { @EventLoop request, _ in
                guard let path = ConnectionsPath(request.path) else {
                    return ConnectionsError.missingAuthenticationToken
                }
                return webSocket.answer(request, path)
            },
            encodeError: { error, _, _ in WebSocketAPI.refusal(of: error) })
    }
}

extension WebSocketAPI {
    /// The refusal of a call without a signature.
    public nonisolated static var missingSignature: HTTPResponse {
        ConnectionsError.missingAuthenticationToken
    }

    /// The refusal of a call whose signature is not good.
    public nonisolated static func refusal(of error: AWSError) -> HTTPResponse {
        if error.code == "MissingAuthenticationTokenException" { return missingSignature }
        return ConnectionsError.refusal(
            error.status, error.code, ["message": .string(error.message ?? error.code)])
    }
}
