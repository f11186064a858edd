import Bytes
import Clock
import HTTPTypes
import JSON

/// What all events of one connection have in common.
struct ConnectionFacts: Sendable {
    let id: String
    let stage: WebSocketConfiguration.Stage
    let connectedAt: Timestamp
    let sourceIP: String
    let userAgent: String?
    /// The host that the client has named, without its port.
    let domain: String
    /// What the authorizer said; repeated in every event.
    var authorizer: JSONObject?

    init(_ request: HTTPRequest, id: String, stage: WebSocketConfiguration.Stage, now: Timestamp) {
        self.id = id
        self.stage = stage
        connectedAt = now
        sourceIP = request.peerAddress
        userAgent = request.headers["user-agent"]
        domain = HostName(of: request).domain
    }

    var identity: JSONValue {
        var identity = JSONObject()
        if let userAgent { identity.append("userAgent", .string(userAgent)) }
        identity.append("sourceIp", .string(sourceIP))
        return .object(identity)
    }
}

/// The events of a WebSocket API, with AWS's fields in AWS's order ("API Gateway WebSocket API mapping template
/// reference").
struct WebSocketEvents: Sendable {
    let apiID: String

    /// What happened, beside the facts of the connection.
    struct Occasion: Sendable {
        let routeKey: String
        let eventType: String
        let requestID: String
        let now: Timestamp
        var messageID: String?
        var ending: WebSocketSession.Ending?
    }

    func context(_ facts: ConnectionFacts, _ occasion: Occasion) -> JSONObject {
        var context = JSONObject()
        context.reserveCapacity(18)
        context.append("routeKey", .string(occasion.routeKey))
        if let ending = occasion.ending {
            context.append("disconnectStatusCode", .number(JSONNumber(Int(ending.code))))
        }
        if let authorizer = facts.authorizer { context.append("authorizer", .object(authorizer)) }
        if let messageID = occasion.messageID { context.append("messageId", .string(messageID)) }
        context.append("eventType", .string(occasion.eventType))
        context.append("extendedRequestId", .string(occasion.requestID))
        context.append("requestTime", .string(occasion.now.commonLog))
        context.append("messageDirection", "IN")
        if let ending = occasion.ending { context.append("disconnectReason", .string(ending.reason)) }
        context.append("stage", .string(facts.stage.name))
        context.append("connectedAt", .number(JSONNumber(facts.connectedAt.milliseconds)))
        context.append("requestTimeEpoch", .number(JSONNumber(occasion.now.milliseconds)))
        context.append("identity", facts.identity)
        context.append("requestId", .string(occasion.requestID))
        context.append("domainName", .string(facts.domain))
        context.append("connectionId", .string(facts.id))
        context.append("apiId", .string(apiID))
        return context
    }

    /// The members of `$connect`'s event, which are an authorizer's too.
    func connect(
        _ request: HTTPRequest, _ facts: ConnectionFacts, _ occasion: Occasion, traceID: String
    ) -> JSONObject {
        let (headers, multiHeaders) = Self.headers(request, traceID: traceID)
        var event = JSONObject()
        event.append("headers", .object(headers))
        event.append("multiValueHeaders", .object(multiHeaders))
        let query = Query.parse(request.rawQuery)
        if !query.isEmpty {
            let (last, all) = Self.maps(query.map { ($0.name, $0.value) })
            event.append("queryStringParameters", .object(last))
            event.append("multiValueQueryStringParameters", .object(all))
        }
        appendVariables(facts, to: &event)
        event.append("requestContext", .object(context(facts, occasion)))
        event.append("isBase64Encoded", false)
        return event
    }

    func message(_ text: [UInt8], _ facts: ConnectionFacts, _ occasion: Occasion) -> JSONObject {
        var event = JSONObject()
        event.append("requestContext", .object(context(facts, occasion)))
        appendVariables(facts, to: &event)
        event.append("body", .string(String(decoding: text, as: UTF8.self)))
        event.append("isBase64Encoded", false)
        return event
    }

    func disconnect(_ facts: ConnectionFacts, _ occasion: Occasion) -> JSONObject {
        let fields = [("Host", facts.domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
        let (headers, multiHeaders) = Self.maps(fields)
        var event = JSONObject()
        event.append("headers", .object(headers))
        event.append("multiValueHeaders", .object(multiHeaders))
        appendVariables(facts, to: &event)
        event.append("requestContext", .object(context(facts, occasion)))
        event.append("isBase64Encoded", false)
        return event
    }

    private func appendVariables(_ facts: ConnectionFacts, to event: inout JSONObject) {
        guard !facts.stage.variables.isEmpty else { return }
        event.append("stageVariables", .object(JSONObject(sorted: facts.stage.variables)))
    }

    /// The client's own header fields, and those that the gateway adds; what is about the one connection is left out.
    private static func headers(
        _ request: HTTPRequest, traceID: String
    ) -> (last: JSONObject, all: JSONObject) {
        var fields: [(String, String)] = []
        for (name, value) in request.headers {
            switch name.lowercased() {
            case "connection", "upgrade", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
                "x-amzn-trace-id":
                continue
            default: fields.append((name, value))
            }
        }
        fields.append(("X-Amzn-Trace-Id", request.headers["x-amzn-trace-id"] ?? traceID))
        fields.append(("X-Forwarded-For", request.forwardedFor))
        fields.append(("X-Forwarded-Port", HostName(of: request).port))
        fields.append(("X-Forwarded-Proto", "http"))
        return maps(fields)
    }

    /// The last value of each name, and all of them.
    private static func maps(_ pairs: [(String, String)]) -> (last: JSONObject, all: JSONObject) {
        var last = JSONObject()
        var all = JSONObject()
        for (name, value) in pairs {
            last[name] = .string(value)
            all[name] = .array((all[name]?.array ?? []) + [.string(value)])
        }
        return (last, all)
    }
}

/// The ids that API Gateway gives to connections, messages and requests: sixteen characters that end in `=` and need
/// no escape but that, as `L0SM9cOFvHcCIhw=`.
enum GatewayIdentifier {
    static func make() -> String {
        let generator = BufferedRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<2 { ByteOrder.append(generator.next(), to: &bytes) }
        let digits = Base64.encode(bytes[0..<11]).utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Whether a text can be such an id.
    static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 16 && bytes[15] == UInt8(ascii: "=")
            && bytes.dropLast().allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }
}
