import JSON
import LambdaEvents

/// A request that an Application Load Balancer forwards to a target group of functions.
///
/// Depending on the target group's attribute `lambda.multi_value_headers.enabled`, headers and query come with one
/// value of each name or with lists; here they are lists in either case.
///
/// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
public struct LoadBalancerEvent: Sendable {
    public let targetGroupARN: String
    public let method: String
    public let path: String
    /// As sent: a load balancer decodes nothing.
    public let query: [String: [String]]
    /// By lower-case name.
    public let headers: [String: [String]]
    /// Whether the answer has to have `multiValueHeaders` instead of `headers`.
    public let wantsMultiValueHeaders: Bool
    public let body: String?
    public let isBase64Encoded: Bool

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        targetGroupARN = try event.nested("requestContext").nested("elb").requiredString("targetGroupArn")
        method = try event.requiredString("httpMethod")
        path = try event.requiredString("path")
        wantsMultiValueHeaders = event.value("multiValueHeaders") != nil
        if wantsMultiValueHeaders {
            query = try event.stringLists("multiValueQueryStringParameters")
            headers = try event.stringLists("multiValueHeaders")
        } else {
            query = try event.stringMap("queryStringParameters").mapValues { [$0] }
            headers = try event.stringMap("headers").mapValues { [$0] }
        }
        body = try event.string("body")
        isBase64Encoded = try event.bool("isBase64Encoded") ?? false
    }

    /// The last value of a header, whatever the case of `name`.
    public func header(_ name: String) -> String? { headers[name.lowercased()]?.last }

    /// The body's bytes, base64 undone; empty when there is no body.
    public func bodyBytes() throws(EventDecodingError) -> [UInt8] {
        try EventBody.bytes(body, isBase64Encoded: isBase64Encoded)
    }
}
