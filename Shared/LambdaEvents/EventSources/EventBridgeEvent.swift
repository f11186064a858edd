import JSON
import LambdaEvents

/// An event of an EventBridge bus.
///
/// Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
public struct EventBridgeEvent: Sendable {
    public let id: String
    public let source: String
    public let detailType: String
    /// Twelve digits.
    public let account: String
    public let region: String
    /// ISO 8601 to the second.
    public let time: String
    /// ARNs of what it is about.
    public let resources: [String]
    public let detail: JSONObject

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        id = try event.string("id") ?? ""
        source = try event.requiredString("source")
        detailType = try event.requiredString("detail-type")
        account = try event.string("account") ?? ""
        region = try event.string("region") ?? ""
        time = try event.string("time") ?? ""
        resources = try event.strings("resources")
        detail = try event.nested("detail").members
    }
}
