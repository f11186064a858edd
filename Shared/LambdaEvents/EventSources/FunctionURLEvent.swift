import JSON
import LambdaEvents

/// A request to a function's own URL: payload format 2.0, without a route.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
public struct FunctionURLEvent: Sendable {
    /// The request; its `rawPath` keeps the escapes that the client wrote, and its `apiID` is the URL's id.
    public let request: HTTPAPIEvent
    /// Who signed the request; nil for a URL that everybody may call.
    public let caller: Caller?

    public init(json: JSONValue) throws(EventDecodingError) {
        request = try HTTPAPIEvent(json: json)
        let context = try FieldDecoder(json).nested("requestContext")
        guard request.routeKey == "$default" else {
            throw EventDecodingError(
                field: "routeKey", reason: "must be \"$default\": a function's URL has no routes")
        }
        if let iam = try context.optional("authorizer")?.optional("iam") {
            caller = try Caller(iam)
        } else {
            caller = nil
        }
    }

    /// The IAM identity that signed a request.
    public struct Caller: Sendable {
        public let accessKey: String
        public let accountID: String
        public let callerID: String
        public let userARN: String
        public let userID: String

        init(_ iam: FieldDecoder) throws(EventDecodingError) {
            accessKey = try iam.string("accessKey") ?? ""
            accountID = try iam.string("accountId") ?? ""
            callerID = try iam.string("callerId") ?? ""
            userARN = try iam.requiredString("userArn")
            userID = try iam.string("userId") ?? ""
        }
    }
}
