import Bytes
import JSON
import LambdaEvents

/// The request event of a REST API, and of an HTTP API with payload format 1.0.
///
/// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
public struct RESTAPIEvent: Sendable {
    /// The resource's path with its variables, such as `/notes/{id}`.
    public let resource: String
    public let path: String
    public let method: String
    /// The last value of each name, in the case that it was sent in; see ``header(_:)``.
    public let headers: [String: String]
    public let multiValueHeaders: [String: [String]]
    /// The last value of each name, decoded.
    public let queryStringParameters: [String: String]
    public let multiValueQueryStringParameters: [String: [String]]
    public let pathParameters: [String: String]
    public let stageVariables: [String: String]
    public let requestContext: Context
    public let body: String?
    public let isBase64Encoded: Bool

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        if let version = try event.string("version"), version != "1.0" {
            throw event.invalid("version", "must be \"1.0\": other payload formats are not understood")
        }
        path = try event.requiredString("path")
        method = try event.requiredString("httpMethod")
        resource = try event.string("resource") ?? path
        headers = try event.stringMap("headers")
        multiValueHeaders = try event.stringLists("multiValueHeaders")
        queryStringParameters = try event.stringMap("queryStringParameters")
        multiValueQueryStringParameters = try event.stringLists("multiValueQueryStringParameters")
        pathParameters = try event.stringMap("pathParameters")
        stageVariables = try event.stringMap("stageVariables")
        requestContext = try Context(event.nested("requestContext"))
        body = try event.string("body")
        isBase64Encoded = try event.bool("isBase64Encoded") ?? false
    }

    /// The last value of a header, whatever the case of `name`.
    public func header(_ name: String) -> String? { HeaderSearch.value(of: name, in: headers) }

    /// The body's bytes, base64 undone; empty when there is no body.
    public func bodyBytes() throws(EventDecodingError) -> [UInt8] {
        try EventBody.bytes(body, isBase64Encoded: isBase64Encoded)
    }

    public struct Context: Sendable {
        public let accountID: String
        public let apiID: String
        public let domainName: String
        public let requestID: String
        public let resourcePath: String
        public let stage: String
        /// `12/Mar/2020:19:03:58 +0000`
        public let requestTime: String
        /// Milliseconds since 1970.
        public let requestTimeEpoch: Int64
        public let sourceIP: String
        public let userAgent: String
        /// Of the key that a usage plan asked for.
        public let apiKey: String?
        /// Of a request signed with IAM credentials.
        public let userARN: String?
        /// What the authorizer said: context members, or `claims` of a user pool.
        public let authorizer: JSONObject

        init(_ context: FieldDecoder) throws(EventDecodingError) {
            let identity = try context.optional("identity")
            accountID = try context.string("accountId") ?? ""
            apiID = try context.string("apiId") ?? ""
            domainName = try context.string("domainName") ?? ""
            requestID = try context.string("requestId") ?? ""
            resourcePath = try context.string("resourcePath") ?? ""
            stage = try context.string("stage") ?? ""
            requestTime = try context.string("requestTime") ?? ""
            requestTimeEpoch = try context.int64("requestTimeEpoch") ?? 0
            sourceIP = try identity?.string("sourceIp") ?? ""
            userAgent = try identity?.string("userAgent") ?? ""
            apiKey = try identity?.string("apiKey")
            userARN = try identity?.string("userArn")
            authorizer = try context.optional("authorizer")?.members ?? JSONObject()
        }
    }
}
