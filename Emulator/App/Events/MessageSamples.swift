import EventSources
import LambdaEvents

/// Events of SQS queues and SNS topics.
enum MessageSamples {
    static let all: [EventSample] = [
        sqs("message", "A message of a standard queue", queue: "orders", [standard]),
        sqs("batch", "Three messages of a standard queue", queue: "orders", [standard, standard, standard]),
        sqs("fifo", "A message of a FIFO queue", queue: "orders.fifo", [fifo]),
        sqs("dead-letter", "A message that another queue gave up", queue: "orders-dlq", [deadLetter]),
        sns("notification", "A notification with a subject", subject: #""An example""#, attributes: ""),
        sns(
            "attributes", "A notification with attributes", subject: "null",
            attributes: """
                "store": { "Type": "String", "Value": "example" },
                "kinds": { "Type": "String.Array", "Value": "[\\"book\\",\\"game\\"]" },
                "price": { "Type": "Number", "Value": "100" }
                """),
    ]

    private static let standard = ""
    private static let fifo = """
        , "SequenceNumber": "${digits20}", "MessageGroupId": "customer-1", "MessageDeduplicationId": "${hex32}"
        """
    private static let deadLetter = """
        , "DeadLetterQueueSourceArn": "arn:aws:sqs:${region}:${account}:orders"
        """

    private static func sqs(
        _ kind: String, _ summary: String, queue: String, _ attributes: [String]
    ) -> EventSample {
        let messages = attributes.map { more in
            """
            {
                "messageId": "${uuid}", "receiptHandle": "AQEB${hex32}${hex32}",
                "body": "{\\"order\\":\\"42\\"}",
                "attributes": {
                    "ApproximateReceiveCount": "1", "SentTimestamp": "${ms}", "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": "${ms}"\(more) },
                "messageAttributes": {
                    "kind": {
                        "stringValue": "order", "stringListValues": [], "binaryListValues": [],
                        "dataType": "String" } },
                "md5OfBody": "ecaf53feb873098c9de847b5d58c42e4", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:${region}:${account}:\(queue)", "awsRegion": "${region}" }
            """
        }
        return EventSample(
            "sqs", kind, summary, "{ \"Records\": [ \(messages.joined(separator: ", ")) ] }"
        ) { json throws(EventDecodingError) in _ = try SQSEvent(json: json) }
    }

    private static func sns(
        _ kind: String, _ summary: String, subject: String, attributes: String
    ) -> EventSample {
        EventSample(
            "sns", kind, summary,
            """
            { "Records": [ {
                "EventSource": "aws:sns", "EventVersion": "1.0",
                "EventSubscriptionArn": "arn:aws:sns:${region}:${account}:news:${uuid}",
                "Sns": {
                    "Type": "Notification", "MessageId": "${uuid}",
                    "TopicArn": "arn:aws:sns:${region}:${account}:news", "Subject": \(subject),
                    "Message": "Hello from a topic", "Timestamp": "${time}", "SignatureVersion": "1",
                    "Signature": "EXAMPLE",
                    "SigningCertUrl": "https://sns.${region}.amazonaws.com/SimpleNotificationService.pem",
                    "UnsubscribeUrl": "https://sns.${region}.amazonaws.com/?Action=Unsubscribe",
                    "MessageAttributes": { \(attributes) } }
            } ] }
            """
        ) { json throws(EventDecodingError) in _ = try SNSEvent(json: json) }
    }
}
