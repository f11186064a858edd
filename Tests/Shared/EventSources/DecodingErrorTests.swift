import EventSources
import JSON
import LambdaEvents
import Testing

/// What is wrong with an event is said with the whole path of the field.
@Suite struct DecodingErrorTests {
    private static func field(_ decode: () throws -> Void) -> String? {
        do {
            try decode()
            return nil
        } catch let error as EventDecodingError {
            return error.field
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("[]", "event"), ("{}", "Records"), (#"{"Records":{}}"#, "Records"),
        (#"{"Records":[1]}"#, "Records[0]"),
        (#"{"Records":[{"eventName":"x"}]}"#, "Records[0].s3"),
        (#"{"Records":[{"eventName":1,"s3":{"bucket":{},"object":{}}}]}"#, "Records[0].eventName"),
        (#"{"Records":[{"eventName":"x","s3":{"bucket":{},"object":{}}}]}"#, "Records[0].s3.bucket.name"),
        (
            #"{"Records":[{"eventName":"x","s3":{"bucket":{"name":"b"},"object":{"key":"k","size":"1"}}}]}"#,
            "Records[0].s3.object.size"
        ),
    ])
    func storage(text: String, field: String) throws {
        let json = try JSONValue.parse(text)
        #expect(Self.field { _ = try S3Event(json: json) } == field)
    }

    @Test(arguments: [
        (#"{"Records":[{"messageId":"m"}]}"#, "Records[0].body"),
        (#"{"Records":[{"messageId":"m","body":"b","attributes":{"a":1}}]}"#, "Records[0].attributes.a"),
        (
            #"{"Records":[{"messageId":"m","body":"b","messageAttributes":{"a":{}}}]}"#,
            "Records[0].messageAttributes.a.dataType"
        ),
        (
            #"{"Records":[{"messageId":"m","body":"b","messageAttributes":{"a":{"dataType":"Binary","binaryValue":"?"}}}]}"#,
            "Records[0].messageAttributes.a.binaryValue"
        ),
    ])
    func queue(text: String, field: String) throws {
        let json = try JSONValue.parse(text)
        #expect(Self.field { _ = try SQSEvent(json: json) } == field)
    }

    @Test(arguments: [
        (#"{"Records":[{"eventName":"CHANGE"}]}"#, "Records[0].eventName"),
        (#"{"Records":[{"eventName":"INSERT"}]}"#, "Records[0].dynamodb"),
        (
            #"{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"X":"1"}}}}]}"#,
            "Records[0].dynamodb.Keys.a"
        ),
        (
            #"{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"N":1}}}}]}"#,
            "Records[0].dynamodb.Keys.a.N"
        ),
        (
            #"{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"L":[{"S":"x"},2]}}}}]}"#,
            "Records[0].dynamodb.Keys.a.L[1]"
        ),
    ])
    func stream(text: String, field: String) throws {
        let json = try JSONValue.parse(text)
        #expect(Self.field { _ = try DynamoDBStreamEvent(json: json) } == field)
    }

    @Test func others() throws {
        #expect(
            Self.field { _ = try SNSEvent(json: ["Records": [["Sns": ["MessageId": "1"]]]]) }
                == "Records[0].Sns.TopicArn")
        #expect(
            Self.field {
                _ = try KinesisEvent(json: [
                    "Records": [["kinesis": ["partitionKey": "1", "sequenceNumber": "1", "data": "?"]]]
                ])
            } == "Records[0].kinesis.data")
        #expect(Self.field { _ = try EventBridgeEvent(json: ["source": "s"]) } == "detail-type")
        #expect(
            Self.field { _ = try ScheduledEvent(json: ["detail-type": "Other", "source": "s"]) }
                == "detail-type")
        #expect(Self.field { _ = try RESTAPIEvent(json: ["path": "/"]) } == "httpMethod")
        #expect(Self.field { _ = try RESTAPIEvent(json: ["version": "2.0"]) } == "version")
        #expect(
            Self.field { _ = try WebSocketEvent(json: ["requestContext": ["eventType": "PING"]]) }
                == "requestContext.eventType")
        #expect(
            Self.field { _ = try LoadBalancerEvent(json: ["requestContext": ["elb": [:]]]) }
                == "requestContext.elb.targetGroupArn")
        #expect(
            Self.field {
                _ = try CognitoEvent(json: ["triggerSource": "PreSignUp_SignUp", "userPoolId": "p"])
            } == "request")
        #expect(
            Self.field { _ = try CloudWatchLogsEvent(json: ["awslogs": ["data": "AAAA"]]) } == "awslogs.data")
        #expect(
            Self.field { _ = try SESEvent(json: ["Records": [["ses": ["mail": [:]]]]]) }
                == "Records[0].ses.receipt")
        #expect(
            Self.field {
                _ = try FunctionURLEvent(json: [
                    "routeKey": "GET /", "rawPath": "/", "requestContext": ["http": ["method": "GET"]],
                ])
            } == "routeKey")
    }
}
