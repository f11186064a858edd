import EventSources
import JSON
import LambdaEvents
import Testing

/// The events of the Lambda developer guide ("Using Lambda with Amazon SQS", "... Amazon SNS").
@Suite struct MessageEventTests {
    static let sqs = """
        {"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCg",\
        "body":"Test message.","attributes":{"ApproximateReceiveCount":"2","SentTimestamp":"1545082649183",\
        "SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"},\
        "messageAttributes":{"myAttribute":{"stringValue":"myValue","stringListValues":[],"binaryListValues":[],\
        "dataType":"String"},"raw":{"binaryValue":"AAE=","dataType":"Binary"}},\
        "md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs",\
        "eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue","awsRegion":"us-east-2"}]}
        """

    @Test func aMessageOfAQueue() throws {
        let message = try #require(try SQSEvent(json: JSONValue.parse(Self.sqs)).messages.first)
        #expect(message.messageID == "059f36b4-87a3-44ab-83d2-661975830a7d")
        #expect(message.receiptHandle == "AQEBwJnKyrHigUMZj6rYigCg" && message.body == "Test message.")
        #expect(message.md5OfBody == "e4e68fb7bd0e697a0ae8f1bb342846b3" && message.receiveCount == 2)
        #expect(message.attributes["SenderId"] == "AIDAIENQZJOLO23YVJ4VO")
        #expect(message.queueARN == "arn:aws:sqs:us-east-2:123456789012:my-queue")
        #expect(message.region == "us-east-2")
        #expect(message.messageAttributes["myAttribute"]?.stringValue == "myValue")
        #expect(message.messageAttributes["raw"]?.binaryValue == [0, 1])
    }

    @Test func aBatchAnswerNamesItsFailures() {
        #expect(BatchResponse().json() == ["batchItemFailures": []])
        #expect(
            BatchResponse(failedItems: ["a"]).json() == ["batchItemFailures": [["itemIdentifier": "a"]]])
    }

    static let sns = """
        {"Records":[{"EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:123456789012:sns-lambda:21be",\
        "EventSource":"aws:sns","Sns":{"SignatureVersion":"1","Timestamp":"2019-01-02T12:45:07.000Z",\
        "Signature":"tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi","SigningCertUrl":"https://sns.example/cert.pem",\
        "MessageId":"95df01b4-ee98-5cb9-9903-4c221d41eb5e","Message":"Hello from SNS!",\
        "MessageAttributes":{"Test":{"Type":"String","Value":"TestString"},\
        "TestBinary":{"Type":"Binary","Value":"TestBinary"}},"Type":"Notification",\
        "UnsubscribeUrl":"https://sns.example/?Action=Unsubscribe",\
        "TopicArn":"arn:aws:sns:us-east-1:123456789012:sns-lambda","Subject":"TestInvoke"}}]}
        """

    @Test func aNotificationOfATopic() throws {
        let notification = try #require(try SNSEvent(json: JSONValue.parse(Self.sns)).notifications.first)
        #expect(notification.subscriptionARN.hasSuffix(":21be"))
        #expect(notification.messageID == "95df01b4-ee98-5cb9-9903-4c221d41eb5e")
        #expect(notification.topicARN == "arn:aws:sns:us-east-1:123456789012:sns-lambda")
        #expect(notification.subject == "TestInvoke" && notification.message == "Hello from SNS!")
        #expect(notification.timestamp == "2019-01-02T12:45:07.000Z" && notification.signatureVersion == "1")
        #expect(notification.signingCertificateURL == "https://sns.example/cert.pem")
        #expect(notification.unsubscribeURL == "https://sns.example/?Action=Unsubscribe")
        #expect(notification.attributes["Test"]?.value == "TestString")
        #expect(notification.attributes["TestBinary"]?.type == "Binary")
    }

    @Test func aSubjectMayBeNull() throws {
        let json: JSONValue = [
            "Records": [["Sns": ["MessageId": "1", "TopicArn": "t", "Message": "m", "Subject": nil]]]
        ]
        #expect(try SNSEvent(json: json).notifications.first?.subject == nil)
    }
}
