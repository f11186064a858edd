import Bytes
import Clock
import JSON

/// `requestContext` of events, and `$context` of templates and mappings.
struct RESTContext {
    let configuration: RESTAPIConfiguration

    /// In the order in which AWS writes the members of `requestContext`.
    func object(_ exchange: RESTExchange) -> JSONObject {
        var context = JSONObject()
        context.reserveCapacity(22)
        func add(_ name: String, _ value: String) { context.append(name, .string(value)) }
        let resource = exchange.method?.resource ?? ""
        add("resourceId", Self.resourceID(resource))
        if let authorizer = exchange.authorizer { context.append("authorizer", .object(authorizer)) }
        add("resourcePath", resource)
        if let name = exchange.method?.operationName { add("operationName", name) }
        add("httpMethod", exchange.httpMethod)
        add("extendedRequestId", exchange.extendedRequestID)
        add("requestTime", exchange.now.commonLog)
        add("path", exchange.fullPath)
        add("accountId", configuration.accountID)
        add("protocol", "HTTP/1.1")
        add("stage", exchange.stage?.name ?? "")
        add("domainPrefix", exchange.domainPrefix)
        context.append("requestTimeEpoch", .number(JSONNumber(exchange.now.milliseconds)))
        add("requestId", exchange.requestID)
        context.append("identity", .object(identity(exchange)))
        add("domainName", exchange.domainName)
        add("deploymentId", Self.deploymentID(configuration.apiID))
        add("apiId", configuration.apiID)
        return context
    }

    private func identity(_ exchange: RESTExchange) -> JSONObject {
        var identity: JSONObject = [
            "cognitoIdentityPoolId": nil, "accountId": nil, "cognitoIdentityId": nil, "caller": nil,
            "sourceIp": .string(exchange.request.peerAddress), "principalOrgId": nil, "accessKey": nil,
            "cognitoAuthenticationType": nil, "cognitoAuthenticationProvider": nil, "userArn": nil,
            "userAgent": exchange.request.headers["user-agent"].map { JSONValue.string($0) } ?? .null,
            "user": nil,
        ]
        if let key = exchange.apiKey {
            identity["apiKey"] = .string(key.value)
            identity["apiKeyId"] = .string(key.id)
        }
        return identity
    }

    /// What templates see beside: the error, if any.
    func templateContext(_ exchange: RESTExchange) -> JSONObject {
        var context = object(exchange)
        context["isCanaryRequest"] = .bool(exchange.isCanary)
        if let failure = exchange.failure {
            let message: JSONValue = failure.message.map { .string($0) } ?? .null
            var error: JSONObject = [
                "message": message, "responseType": .string(failure.type.rawValue),
                // Quoted: it stands in JSON as it is.
                "messageString": .string(message.encodedString()),
            ]
            if let reason = failure.validationError { error["validationErrorString"] = .string(reason) }
            context["error"] = .object(error)
        }
        return context
    }

    /// Six characters for a resource that stay the same from run to run.
    static func resourceID(_ resource: String) -> String { identifier(resource, 6) }

    static func deploymentID(_ apiID: String) -> String { identifier("deployment of \(apiID)", 6) }

    /// FNV-1a, in the letters and digits of AWS's identifiers.
    static func identifier(_ text: String, _ count: Int) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var result = ""
        for _ in 0..<count {
            result.append(Character(Unicode.Scalar(digits[Int(hash % 36)])))
            hash /= 36
        }
        return result
    }

    private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
}
