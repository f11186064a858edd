import Bytes
import JSON
import LambdaEvents

/// Messages of a queue, 1 to 10,000 of them.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
public struct SQSEvent: Sendable {
    public let messages: [Message]

    public init(json: JSONValue) throws(EventDecodingError) {
        var messages: [Message] = []
        for record in try FieldDecoder(json).objects("Records") { messages.append(try Message(record)) }
        self.messages = messages
    }

    public struct Message: Sendable {
        public let messageID: String
        public let receiptHandle: String
        public let body: String
        /// Hexadecimal.
        public let md5OfBody: String
        /// What SQS says of the message: `ApproximateReceiveCount`, `SentTimestamp`, for FIFO queues
        /// `MessageGroupId` and others. Numbers are text.
        public let attributes: [String: String]
        /// What its sender says of it.
        public let messageAttributes: [String: MessageAttribute]
        public let queueARN: String
        public let region: String

        /// How often it was received, this time included.
        public var receiveCount: Int { attributes["ApproximateReceiveCount"].flatMap { Int($0) } ?? 1 }

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            messageID = try record.requiredString("messageId")
            receiptHandle = try record.string("receiptHandle") ?? ""
            body = try record.requiredString("body")
            md5OfBody = try record.string("md5OfBody") ?? ""
            attributes = try record.stringMap("attributes")
            queueARN = try record.string("eventSourceARN") ?? ""
            region = try record.string("awsRegion") ?? ""
            var own: [String: MessageAttribute] = [:]
            if let members = try record.optional("messageAttributes") {
                for name in members.keys { own[name] = try MessageAttribute(members.nested(name)) }
            }
            messageAttributes = own
        }
    }

    public struct MessageAttribute: Sendable {
        /// `String`, `Number` or `Binary`, perhaps with a suffix as in `Number.int`.
        public let dataType: String
        public let stringValue: String?
        public let binaryValue: [UInt8]?

        init(_ attribute: FieldDecoder) throws(EventDecodingError) {
            dataType = try attribute.requiredString("dataType")
            stringValue = try attribute.string("stringValue")
            binaryValue = try attribute.value("binaryValue") == nil ? nil : attribute.base64("binaryValue")
        }
    }
}
