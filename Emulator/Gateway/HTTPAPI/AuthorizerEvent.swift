import Bytes
import HTTPTypes
import JSON

/// What a Lambda authorizer of an HTTP API is called with ("Control access to HTTP APIs with AWS Lambda
/// authorizers"): the request without its body.
struct AuthorizerEvent {
    let encoder: EventEncoder
    let parts: EventParts
    /// Values of the identity sources, in their order.
    let identity: [String]
    /// What is asked for.
    let resource: String

    /// Payload format 2.0.
    func v2() -> [UInt8] {
        let request = parts.request
        let headers = EventHeaders(request, traceID: parts.traceID)
        let path = PercentEncoding.decode(request.path) ?? request.path
        var event = JSONWriter(capacity: 2_048)
        event.openObject()
        event.member("version", "2.0")
        event.member("type", "REQUEST")
        event.member("routeArn", resource)
        event.member("identitySource", .array(identity.map { .string($0) }))
        event.member("routeKey", parts.match.route.key)
        event.member("rawPath", path)
        event.member("rawQueryString", request.rawQuery)
        if !headers.cookies.isEmpty { event.member("cookies", .array(headers.cookies.map { .string($0) })) }
        event.member("headers", headers.json)
        let query = EventEncoder.joinedQuery(request.rawQuery)
        if !query.isEmpty { event.member("queryStringParameters", .object(query)) }
        event.openObject("requestContext")
        encoder.writeContext(
            request, path, headers.host, parts.match, parts.requestID, parts.now, parts.stage, nil,
            into: &event)
        event.closeObject()
        if !parts.match.pathParameters.isEmpty {
            event.member("pathParameters", EventEncoderV1.texts(parts.match.pathParameters))
        }
        if let variables = parts.stage.variablesJSON { event.member("stageVariables", variables) }
        event.closeObject()
        return event.bytes
    }

    /// Payload format 1.0.
    func v1() -> [UInt8] {
        let request = parts.request
        let path = PercentEncoding.decode(request.path) ?? request.path
        let key = EventEncoderV1.resource(parts.match.route.key)
        let source = identity.joined(separator: ",")
        let context: JSONValue = [
            "path": .string(path), "accountId": .string(encoder.configuration.accountID), "resourceId": nil,
            "stage": .string(parts.stage.name), "requestId": .string(parts.requestID),
            "identity": [
                "sourceIp": .string(request.peerAddress),
                "userAgent": .string(request.headers["user-agent"] ?? ""),
            ],
            "resourcePath": .string(key), "httpMethod": .string(request.method),
            "apiId": .string(encoder.configuration.apiID),
        ]
        let event: JSONValue = [
            "version": "1.0", "type": "REQUEST", "methodArn": .string(resource),
            "identitySource": .string(source),
            "authorizationToken": .string(source), "resource": .string(key), "path": .string(path),
            "httpMethod": .string(request.method),
            "headers": MultiValues.headers(request, traceID: parts.traceID).last,
            "queryStringParameters": Self.orEmpty(MultiValues.query(request).last),
            "pathParameters": Self.orEmpty(EventEncoderV1.texts(parts.match.pathParameters)),
            "stageVariables": Self.orEmpty(parts.stage.variablesJSON ?? .null),
            "requestContext": context,
        ]
        return event.encoded()
    }

    private static func orEmpty(_ value: JSONValue) -> JSONValue { value.isNull ? [:] : value }
}
