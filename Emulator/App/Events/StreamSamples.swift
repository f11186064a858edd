import EventSources
import LambdaEvents

/// Events of DynamoDB and Kinesis streams.
enum StreamSamples {
    static let all: [EventSample] = [
        dynamoDB("insert", "An item was added", "INSERT", images: "\"NewImage\": \(new),"),
        dynamoDB(
            "modify", "An item was changed", "MODIFY",
            images: "\"NewImage\": \(new), \"OldImage\": \(old),"),
        dynamoDB("remove", "An item was deleted", "REMOVE", images: "\"OldImage\": \(old),"),
        dynamoDB(
            "expire", "An item's time to live has passed", "REMOVE", images: "\"OldImage\": \(old),",
            more: #""userIdentity": { "type": "Service", "principalId": "dynamodb.amazonaws.com" },"#),
        EventSample("kinesis", "record", "A record of a data stream", kinesis) {
            json throws(EventDecodingError) in _ = try KinesisEvent(json: json)
        },
    ]

    private static let keys = #""PK": { "S": "COUNTER#42" }, "SK": { "S": "like" }"#
    private static let new = "{ \(keys), \"value\": { \"N\": \"2\" }, \"tags\": { \"SS\": [\"a\", \"b\"] } }"
    private static let old = "{ \(keys), \"value\": { \"N\": \"1\" } }"

    private static func dynamoDB(
        _ kind: String, _ summary: String, _ name: String, images: String, more: String = ""
    ) -> EventSample {
        EventSample(
            "dynamodb", kind, summary,
            """
            { "Records": [ {
                "eventID": "${hex32}", "eventName": "\(name)", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "${region}", \(more)
                "dynamodb": {
                    "ApproximateCreationDateTime": ${s}, "Keys": { \(keys) }, \(images)
                    "SequenceNumber": "${digits}", "SizeBytes": 59, "StreamViewType": "NEW_AND_OLD_IMAGES" },
                "eventSourceARN":
                    "arn:aws:dynamodb:${region}:${account}:table/mumble/stream/2026-01-02T03:04:05.678"
            } ] }
            """
        ) { json throws(EventDecodingError) in _ = try DynamoDBStreamEvent(json: json) }
    }

    private static let kinesis = """
        { "Records": [ {
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "customer-1",
                "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
                "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==", "approximateArrivalTimestamp": ${s}.123 },
            "eventSource": "aws:kinesis", "eventVersion": "1.0",
            "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::${account}:role/function", "awsRegion": "${region}",
            "eventSourceARN": "arn:aws:kinesis:${region}:${account}:stream/clicks"
        } ] }
        """
}
