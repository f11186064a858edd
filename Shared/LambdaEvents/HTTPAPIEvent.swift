import Bytes
import JSON

/// The request event of an HTTP API, payload format 2.0.
///
/// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
public struct HTTPAPIEvent: Sendable, Equatable {
    /// The configured route, such as `GET /notes/{id}` or `$default`; not the request's own method.
    public var routeKey: String
    /// Decoded, with the stage's name unless the stage is `$default`.
    public var rawPath: String
    /// As sent, without `?`; empty when there is none.
    public var rawQueryString: String
    /// `name=value` each, in the order sent.
    public var cookies: [String]
    /// By lower-case name; values of fields sent more than once are joined with commas.
    public var headers: [String: String]
    /// Decoded; values of a repeated parameter are joined with commas.
    public var queryStringParameters: [String: String]
    public var requestContext: Context
    public var body: String?
    /// Decoded values of the route's variables.
    public var pathParameters: [String: String]
    /// Whether `body` is base 64: so it is for all but a few text types.
    public var isBase64Encoded: Bool
    public var stageVariables: [String: String]

    public init(
        routeKey: String = "$default", rawPath: String = "/", rawQueryString: String = "",
        cookies: [String] = [], headers: [String: String] = [:],
        queryStringParameters: [String: String] = [:], requestContext: Context = Context(),
        body: String? = nil, pathParameters: [String: String] = [:], isBase64Encoded: Bool = false,
        stageVariables: [String: String] = [:]
    ) {
        self.routeKey = routeKey
        self.rawPath = rawPath
        self.rawQueryString = rawQueryString
        self.cookies = cookies
        self.headers = headers
        self.queryStringParameters = queryStringParameters
        self.requestContext = requestContext
        self.body = body
        self.pathParameters = pathParameters
        self.isBase64Encoded = isBase64Encoded
        self.stageVariables = stageVariables
    }

    /// The value of a header, whatever the case of `name`.
    public func header(_ name: String) -> String? { headers[name] ?? headers[name.lowercased()] }

    /// The body's bytes, base 64 undone; empty when there is no body.
    public func bodyBytes() throws(EventDecodingError) -> [UInt8] {
        guard let body else { return [] }
        guard isBase64Encoded else { return body.bytes }
        guard let bytes = Base64.decode(body) else {
            throw EventDecodingError(field: "body", reason: "is not base64, though isBase64Encoded says so")
        }
        return bytes
    }
}

extension HTTPAPIEvent {
    /// Where the request came from and how it was routed.
    public struct Context: Sendable, Equatable {
        public var accountID: String
        public var apiID: String
        public var domainName: String
        public var domainPrefix: String
        /// The same as the response's header `apigw-requestid`.
        public var requestID: String
        public var routeKey: String
        public var stage: String
        /// `12/Mar/2020:19:03:58 +0000`
        public var time: String
        /// Milliseconds since 1970.
        public var timeEpoch: Int64
        public var method: String
        public var path: String
        /// Always `HTTP/1.1`, even for clients of HTTP/2.
        public var protocolName: String
        public var sourceIP: String
        public var userAgent: String
        /// What the authorizer said: a member `jwt`, `lambda` or `iam`.
        public var authorizer: JSONValue?

        public init(
            accountID: String = "000000000000", apiID: String = "", domainName: String = "",
            domainPrefix: String = "", requestID: String = "", routeKey: String = "$default",
            stage: String = "$default", time: String = "", timeEpoch: Int64 = 0, method: String = "GET",
            path: String = "/", protocolName: String = "HTTP/1.1", sourceIP: String = "127.0.0.1",
            userAgent: String = "", authorizer: JSONValue? = nil
        ) {
            self.accountID = accountID
            self.apiID = apiID
            self.domainName = domainName
            self.domainPrefix = domainPrefix
            self.requestID = requestID
            self.routeKey = routeKey
            self.stage = stage
            self.time = time
            self.timeEpoch = timeEpoch
            self.method = method
            self.path = path
            self.protocolName = protocolName
            self.sourceIP = sourceIP
            self.userAgent = userAgent
            self.authorizer = authorizer
        }
    }
}
