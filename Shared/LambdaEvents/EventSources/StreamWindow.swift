import JSON
import LambdaEvents

/// The tumbling window that a batch of a stream belongs to.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
public struct StreamWindow: Sendable {
    /// ISO 8601.
    public let start: String
    public let end: String
    /// What the function answered to the window's batch before, an empty object at first.
    public let state: JSONObject
    public let shardID: String
    public let isFinal: Bool
    /// Whether the state had grown beyond 1 MB.
    public let isTerminatedEarly: Bool

    /// nil when the event belongs to no window.
    init?(_ event: FieldDecoder) throws(EventDecodingError) {
        guard let window = try event.optional("window") else { return nil }
        start = try window.requiredString("start")
        end = try window.requiredString("end")
        state = try event.optional("state")?.members ?? JSONObject()
        shardID = try event.string("shardId") ?? ""
        isFinal = try event.bool("isFinalInvokeForWindow") ?? false
        isTerminatedEarly = try event.bool("isWindowTerminatedEarly") ?? false
    }
}
