import JSON
import LambdaEvents

/// A notification of a topic; Lambda gets one at a time, always asynchronously.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
public struct SNSEvent: Sendable {
    public let notifications: [Notification]

    public init(json: JSONValue) throws(EventDecodingError) {
        var notifications: [Notification] = []
        for record in try FieldDecoder(json).objects("Records") {
            notifications.append(try Notification(record))
        }
        self.notifications = notifications
    }

    public struct Notification: Sendable {
        public let subscriptionARN: String
        public let messageID: String
        public let topicARN: String
        /// nil when the sender gave none.
        public let subject: String?
        public let message: String
        /// ISO 8601 with milliseconds.
        public let timestamp: String
        public let attributes: [String: Attribute]
        public let signatureVersion: String
        public let signature: String
        public let signingCertificateURL: String
        public let unsubscribeURL: String

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            let sns = try record.nested("Sns")
            subscriptionARN = try record.string("EventSubscriptionArn") ?? ""
            messageID = try sns.requiredString("MessageId")
            topicARN = try sns.requiredString("TopicArn")
            subject = try sns.string("Subject")
            message = try sns.requiredString("Message")
            timestamp = try sns.string("Timestamp") ?? ""
            signatureVersion = try sns.string("SignatureVersion") ?? ""
            signature = try sns.string("Signature") ?? ""
            // Inside of events these two have other names than in HTTP deliveries.
            signingCertificateURL = try sns.string("SigningCertUrl") ?? ""
            unsubscribeURL = try sns.string("UnsubscribeUrl") ?? ""
            var attributes: [String: Attribute] = [:]
            if let members = try sns.optional("MessageAttributes") {
                for name in members.keys { attributes[name] = try Attribute(members.nested(name)) }
            }
            self.attributes = attributes
        }
    }

    public struct Attribute: Sendable {
        /// `String`, `String.Array`, `Number` or `Binary`.
        public let type: String
        /// Base64 when the type is `Binary`, JSON text when it is `String.Array`.
        public let value: String

        init(_ attribute: FieldDecoder) throws(EventDecodingError) {
            type = try attribute.requiredString("Type")
            value = try attribute.requiredString("Value")
        }
    }
}
