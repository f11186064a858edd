import JSON
import LambdaEvents

/// Log events of a subscription, gzipped inside base64.
///
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
public struct CloudWatchLogsEvent: Sendable {
    /// The batch as a gzip file (RFC 1952).
    public let compressed: [UInt8]

    public init(json: JSONValue) throws(EventDecodingError) {
        compressed = try FieldDecoder(json).nested("awslogs").base64("data")
        guard compressed.starts(with: [0x1F, 0x8B]) else {
            throw EventDecodingError(field: "awslogs.data", reason: "is not gzipped")
        }
    }

    /// The batch itself.
    /// - Parameter unzip: undoes gzip; left to the caller, so that functions without logs need no zlib.
    public func batch(unzip: ([UInt8]) -> [UInt8]?) throws(EventDecodingError) -> Batch {
        guard let bytes = unzip(compressed), let document = try? JSONValue.parse(bytes) else {
            throw EventDecodingError(field: "awslogs.data", reason: "does not hold gzipped JSON")
        }
        return try Batch(json: document)
    }

    public struct Batch: Sendable {
        /// Whether it only asks if the function can be reached.
        public let isControlMessage: Bool
        /// The account of the log group.
        public let owner: String
        public let logGroup: String
        public let logStream: String
        public let subscriptionFilters: [String]
        public let events: [LogEvent]

        public init(json: JSONValue) throws(EventDecodingError) {
            let batch = try FieldDecoder(json)
            isControlMessage = try batch.requiredString("messageType") == "CONTROL_MESSAGE"
            owner = try batch.string("owner") ?? ""
            logGroup = try batch.string("logGroup") ?? ""
            logStream = try batch.string("logStream") ?? ""
            subscriptionFilters = try batch.strings("subscriptionFilters")
            var events: [LogEvent] = []
            for event in try batch.objects("logEvents") { events.append(try LogEvent(event)) }
            self.events = events
        }
    }

    public struct LogEvent: Sendable {
        public let id: String
        /// Milliseconds since 1970.
        public let timestamp: Int64
        public let message: String

        init(_ event: FieldDecoder) throws(EventDecodingError) {
            id = try event.string("id") ?? ""
            timestamp = try event.requiredInt64("timestamp")
            message = try event.requiredString("message")
        }
    }
}
