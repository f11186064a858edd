import Bytes
import JSON
import LambdaEvents

/// What a client of a WebSocket API did.
///
/// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
public struct WebSocketEvent: Sendable {
    public enum Kind: String, Sendable {
        case connect = "CONNECT"
        case message = "MESSAGE"
        case disconnect = "DISCONNECT"
    }

    public let kind: Kind
    /// `$connect`, `$disconnect`, `$default` or a route of the API's own.
    public let routeKey: String
    public let connectionID: String
    public let apiID: String
    public let domainName: String
    public let stage: String
    public let requestID: String
    /// Milliseconds since 1970: when the connection came to be.
    public let connectedAt: Int64
    /// Milliseconds since 1970: of this event.
    public let requestTimeEpoch: Int64
    public let sourceIP: String
    /// Of a message.
    public let messageID: String?
    /// Of a disconnect, such as 1000 for a regular end (RFC 6455, section 7.4).
    public let disconnectStatusCode: Int64?
    public let disconnectReason: String?
    /// Empty for messages, which have none.
    public let headers: [String: String]
    /// Of a connect.
    public let queryStringParameters: [String: String]
    public let stageVariables: [String: String]
    /// What the authorizer of the connect said, repeated in every event.
    public let authorizer: JSONObject
    public let body: String?
    public let isBase64Encoded: Bool

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        let context = try event.nested("requestContext")
        let type = try context.requiredString("eventType")
        guard let kind = Kind(rawValue: type) else {
            throw context.invalid("eventType", "must be CONNECT, MESSAGE or DISCONNECT, not \"\(type)\"")
        }
        self.kind = kind
        routeKey = try context.requiredString("routeKey")
        connectionID = try context.requiredString("connectionId")
        apiID = try context.string("apiId") ?? ""
        domainName = try context.string("domainName") ?? ""
        stage = try context.string("stage") ?? ""
        requestID = try context.string("requestId") ?? ""
        connectedAt = try context.int64("connectedAt") ?? 0
        requestTimeEpoch = try context.int64("requestTimeEpoch") ?? 0
        sourceIP = try context.optional("identity")?.string("sourceIp") ?? ""
        messageID = try context.string("messageId")
        disconnectStatusCode = try context.int64("disconnectStatusCode")
        disconnectReason = try context.string("disconnectReason")
        authorizer = try context.optional("authorizer")?.members ?? JSONObject()
        headers = try event.stringMap("headers")
        queryStringParameters = try event.stringMap("queryStringParameters")
        stageVariables = try event.stringMap("stageVariables")
        body = try event.string("body")
        isBase64Encoded = try event.bool("isBase64Encoded") ?? false
    }

    /// The message's bytes, base64 undone; empty when there is none.
    public func bodyBytes() throws(EventDecodingError) -> [UInt8] {
        try EventBody.bytes(body, isBase64Encoded: isBase64Encoded)
    }
}
