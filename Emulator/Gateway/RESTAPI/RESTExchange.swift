import Bytes
import Clock
import HTTPTypes
import JSON

/// A request on its way through a REST API.
struct RESTExchange {
    let request: HTTPRequest
    /// `x-amzn-RequestId`, a UUID.
    let requestID: String
    /// `x-amz-apigw-id`.
    let extendedRequestID: String
    let traceID: String
    let now: Timestamp
    /// `X-HTTP-Method-Override` counts, if it names a method that a resource can have.
    let httpMethod: String
    /// With the stage, as it was on the wire.
    let fullPath: String
    /// Without the stage.
    var path = "/"
    let query: [QueryItem]
    var stage: RESTStage?
    var method: RESTMethod?
    var pathParameters: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// `requestContext.authorizer`.
    var authorizer: JSONObject?
    /// The authorizer's `usageIdentifierKey`.
    var authorizerKey: String?
    var apiKey: APIKey?
    var failure: RESTFailure?
    /// Put on whatever answer there will be.
    var warning: String?
    /// Where the answer is to be kept, if it is.
    var cacheKey: String?
    var isCanary = false
    var canaryCookie: String?
    /// nil without an access log.
    var facts: RESTFacts?

    private static let methods: Set<String> = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

    init(_ request: HTTPRequest, now: Timestamp) {
        self.request = request
        self.now = now
        requestID = UUID4.make()
        extendedRequestID = HTTPAPI.makeRequestID()
        traceID = request.headers["x-amzn-trace-id"] ?? HTTPAPI.makeTraceID(now: now)
        let other = request.headers["x-http-method-override"]?.uppercased()
        httpMethod = other.flatMap { Self.methods.contains($0) ? $0 : nil } ?? request.method
        fullPath = request.path
        let raw = request.rawQuery
        query = raw.isEmpty ? [] : Query.parse(raw)
    }

    var host: String { request.headers["host"] ?? "localhost" }

    /// The host without its port.
    var domainName: String {
        let host = host
        guard let colon = host.utf8.lastIndex(of: 0x3A), host.utf8.last != 0x5D else { return host }
        return String(host[..<colon])
    }

    var domainPrefix: String { String(domainName.prefix { $0 != "." }) }

    /// The last value counts.
    func value(_ parameter: RESTMethod.Parameter) -> String? {
        switch parameter.location {
        case .header: request.headers.values(parameter.name).last
        case .querystring: query.last { $0.name == parameter.name }?.value
        case .path: pathParameters.first { $0.name == parameter.name }?.value
        }
    }
}
