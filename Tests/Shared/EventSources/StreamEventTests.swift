import EventSources
import JSON
import LambdaEvents
import Testing

/// The events of the Lambda developer guide ("Using AWS Lambda with Amazon DynamoDB", "... Amazon Kinesis").
@Suite struct StreamEventTests {
    static let dynamoDB = """
        {"Records":[{"eventID":"1","eventVersion":"1.0","dynamodb":{"Keys":{"Id":{"N":"101"}},\
        "NewImage":{"Message":{"S":"New item!"},"Id":{"N":"101"},"Raw":{"B":"AAE="},"Flag":{"BOOL":true},\
        "Nothing":{"NULL":true},"List":{"L":[{"N":"1"},{"S":"x"}]},"Map":{"M":{"a":{"N":"2"}}},\
        "Words":{"SS":["a","b"]},"Numbers":{"NS":["1"]},"Blobs":{"BS":["AAE="]}},\
        "SequenceNumber":"111","SizeBytes":26,"StreamViewType":"NEW_AND_OLD_IMAGES",\
        "ApproximateCreationDateTime":1479499740.5},"awsRegion":"us-west-2","eventName":"INSERT",\
        "eventSourceARN":"arn:aws:dynamodb:us-east-2:123456789012:table/my-table/stream/2023","eventSource":"aws:dynamodb"}]}
        """

    @Test func aChangeOfAnItem() throws {
        let event = try DynamoDBStreamEvent(json: JSONValue.parse(Self.dynamoDB))
        let record = try #require(event.records.first)
        #expect(event.window == nil)
        #expect(record.eventID == "1" && record.change == .insert && record.sequenceNumber == "111")
        #expect(record.sizeBytes == 26 && record.viewType == "NEW_AND_OLD_IMAGES")
        #expect(record.created == 1_479_499_740.5 && record.region == "us-west-2" && !record.isExpiry)
        #expect(record.keys["Id"]?.int == 101 && record.oldImage == nil)
        #expect(record.newImage?["Message"]?.string == "New item!")
    }

    @Test func everyTypeOfAttribute() throws {
        let event = try DynamoDBStreamEvent(json: JSONValue.parse(Self.dynamoDB))
        let image = try #require(event.records.first?.newImage)
        guard case .binary([0, 1]) = image["Raw"], case .bool(true) = image["Flag"],
            case .null = image["Nothing"], case .list(let list) = image["List"],
            case .map(let map) = image["Map"], case .strings(["a", "b"]) = image["Words"],
            case .numbers(["1"]) = image["Numbers"], case .binaries([[0, 1]]) = image["Blobs"]
        else {
            Issue.record("\(image)")
            return
        }
        #expect(list.count == 2 && list[1].string == "x" && map["a"]?.int == 2)
    }

    @Test func anExpiredItemIsKnownByItsUser() throws {
        let json: JSONValue = [
            "Records": [
                [
                    "eventName": "REMOVE", "dynamodb": ["Keys": ["a": ["S": "b"]], "SequenceNumber": "1"],
                    "userIdentity": ["type": "Service", "principalId": "dynamodb.amazonaws.com"],
                ]
            ]
        ]
        #expect(try DynamoDBStreamEvent(json: json).records.first?.isExpiry == true)
    }

    @Test func aWindowTellsItsState() throws {
        let json: JSONValue = [
            "Records": [], "window": ["start": "2020-07-30T17:00:00Z", "end": "2020-07-30T17:05:00Z"],
            "state": ["1": "state1"], "shardId": "shard123456789", "eventSourceARN": "stream-ARN",
            "isFinalInvokeForWindow": true, "isWindowTerminatedEarly": false,
        ]
        let window = try #require(try DynamoDBStreamEvent(json: json).window)
        #expect(window.start == "2020-07-30T17:00:00Z" && window.end == "2020-07-30T17:05:00Z")
        #expect(window.state == ["1": "state1"] && window.shardID == "shard123456789")
        #expect(window.isFinal && !window.isTerminatedEarly)
    }

    @Test func aRecordOfADataStream() throws {
        let json: JSONValue = [
            "Records": [
                [
                    "kinesis": [
                        "kinesisSchemaVersion": "1.0", "partitionKey": "1", "sequenceNumber": "4959033827",
                        "data": "SGVsbG8=", "approximateArrivalTimestamp": 1545084650.987,
                    ],
                    "eventSource": "aws:kinesis", "eventID": "shardId-000000000006:4959033827",
                    "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
                ]
            ]
        ]
        let record = try #require(try KinesisEvent(json: json).records.first)
        #expect(record.partitionKey == "1" && record.sequenceNumber == "4959033827")
        #expect(record.data == Array("Hello".utf8) && record.arrived == 1545084650.987)
        #expect(record.eventID == "shardId-000000000006:4959033827")
        #expect(record.streamARN.hasSuffix("stream/lambda-stream"))
    }
}
