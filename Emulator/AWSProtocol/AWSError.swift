import HTTPTypes
import JSON

/// An error answer of an AWS service, as a value. It is turned into bytes in one place per wire
/// protocol: ``JSONServiceDispatch`` for JSON 1.0 and ``RESTXMLError`` for REST-XML.
public struct AWSError: Error, Sendable {
    /// AWS's name of the error, such as `NoSuchKey`.
    public var code: String
    /// The HTTP status.
    public var status: Int
    /// AWS's text. Nil when AWS sends none, which is not the same as an empty one.
    public var message: String?
    /// JSON protocol only: the part before `#` in `__type`. Nil lets the service choose by code.
    public var namespace: String?
    /// JSON protocol only: members beside `__type` and the message.
    public var members: JSONObject
    /// REST-XML only: elements between `Message` and `RequestId`, in order.
    public var elements: [(String, String)]
    /// Headers added to the answer.
    public var headers: HTTPHeaders

    public init(
        code: String, status: Int = 400, message: String? = nil, namespace: String? = nil,
        members: JSONObject = JSONObject(), elements: [(String, String)] = [],
        headers: HTTPHeaders = HTTPHeaders()
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.namespace = namespace
        self.members = members
        self.elements = elements
        self.headers = headers
    }
}
