import Bytes
import HTTPTypes
import JSON
import Net

/// A path of the API for open connections: `/{stage}/@connections/{id}`. The id may be missing.
struct ConnectionsPath: Sendable {
    /// nil where the caller leaves it out: on the port of all services.
    let stage: String?
    let id: String

    private static let marks: Set<Substring> = ["@connections", "%40connections"]

    /// Whether a target is of that kind, cheaply.
    static func isMeant(by target: String) -> Bool {
        guard target.utf8.contains(UInt8(ascii: "@")) || target.contains("%40") else { return false }
        return ConnectionsPath(String(target.prefix { $0 != "?" })) != nil
    }

    /// - Parameter path: still encoded.
    init?(_ path: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if let first = parts.first, Self.marks.contains(first) {
            stage = nil
        } else {
            stage = parts.popFirst().map(String.init)
            guard let mark = parts.first, Self.marks.contains(mark) else { return nil }
        }
        // An id with a slash would be taken apart: whatever follows is its rest.
        guard let id = PercentEncoding.decode(parts.dropFirst().joined(separator: "/")) else { return nil }
        self.id = id
    }
}

/// `@connections`: service `apigatewaymanagementapi`.
extension WebSocketAPI {
    /// Answers a call whose signature is good.
    func answer(_ request: HTTPRequest, _ path: ConnectionsPath) -> HTTPResponse {
        guard path.stage == nil || configuration.stages.contains(where: { $0.name == path.stage }) else {
            return ConnectionsError.forbidden
        }
        guard ["POST", "GET", "DELETE"].contains(request.method), !path.id.isEmpty else {
            return ConnectionsError.missingAuthenticationToken
        }
        guard GatewayIdentifier.isWellFormed(path.id) else { return ConnectionsError.invalid(path.id) }
        guard let connection = connections[path.id],
            path.stage == nil || connection.facts.stage.name == path.stage
        else { return ConnectionsError.gone }
        switch request.method {
        case "POST": return post(request, connection)
        case "GET": return HTTPResponse.json(200, describe(connection))
        default:
            connection.close(.deleted)
            return HTTPResponse(status: 204)
        }
    }

    private func post(_ request: HTTPRequest, _ connection: WebSocketConnection) -> HTTPResponse {
        guard request.body.length <= WebSocketFrame.largestMessage else { return ConnectionsError.tooLarge }
        guard let bytes = try? request.body.bytes ?? request.body.readAll() else {
            return ConnectionsError.internalError
        }
        return connection.send(Self.text(bytes)) ? HTTPResponse(status: 200) : ConnectionsError.limitExceeded
    }

    private func describe(_ connection: WebSocketConnection) -> JSONValue {
        let facts = connection.facts
        return [
            "connectedAt": .string(facts.connectedAt.iso8601),
            "identity": ["sourceIp": .string(facts.sourceIP), "userAgent": .string(facts.userAgent ?? "")],
            "lastActiveAt": .string(connection.lastActiveAt.iso8601),
        ]
    }
}

/// The refusals of `@connections`. The error's name stands in a header.
enum ConnectionsError {
    static let gone = HTTPResponse(status: 410, headers: ["x-amzn-ErrorType": "GoneException"])
    static let tooLarge = refusal(413, "PayloadTooLargeException", ["message": "Payload too large"])
    static let limitExceeded = refusal(429, "LimitExceededException", ["message": "Too Many Requests"])
    static let forbidden = refusal(403, "ForbiddenException", ["message": "Forbidden"])
    static let internalError = refusal(
        500, "InternalServerErrorException", ["message": "Internal server error"])
    /// What API Gateway says to a method or path that it does not know.
    static let missingAuthenticationToken = refusal(
        403, "MissingAuthenticationTokenException", ["message": "Missing Authentication Token"])

    static func invalid(_ id: String) -> HTTPResponse {
        refusal(
            400, "BadRequestException",
            [
                "message": .string("Invalid connectionId: \(id)"), "connectionId": .string(id),
                "requestId": .string(GatewayIdentifier.make()),
            ])
    }

    static func refusal(_ status: Int, _ type: String, _ body: JSONValue) -> HTTPResponse {
        var response = HTTPResponse.json(status, body)
        response.headers["x-amzn-ErrorType"] = type
        return response
    }
}

extension HTTPResponse {
    static func json(_ status: Int, _ body: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"], body: .bytes(body.encoded()))
    }
}
