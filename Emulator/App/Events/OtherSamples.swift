import Bytes
import Clock
import Digests
import EventSources
import JSON
import LambdaEvents

/// Logs and mails.
enum OtherSamples {
    static let all: [EventSample] = [
        EventSample(
            "logs", "subscription", "Log events of a subscription, gzipped",
            #"{ "awslogs": { "data": "${logs}" } }"#
        ) { json throws(EventDecodingError) in _ = try CloudWatchLogsEvent(json: json) },
        EventSample("ses", "received", "A mail was received", mail) { json throws(EventDecodingError) in
            _ = try SESEvent(json: json)
        },
    ]

    private static let mail = """
        { "Records": [ {
            "eventSource": "aws:ses", "eventVersion": "1.0",
            "ses": {
                "mail": {
                    "timestamp": "${time}", "source": "ada@example.com", "messageId": "${hex32}",
                    "destination": [ "desk@example.org" ], "headersTruncated": false,
                    "headers": [ { "name": "Subject", "value": "Hello" } ],
                    "commonHeaders": {
                        "returnPath": "ada@example.com", "from": [ "Ada <ada@example.com>" ],
                        "date": "${clf}", "to": [ "desk@example.org" ], "messageId": "<${hex16}@example.com>",
                        "subject": "Hello" } },
                "receipt": {
                    "timestamp": "${time}", "processingTimeMillis": 574,
                    "recipients": [ "desk@example.org" ], "spamVerdict": { "status": "PASS" },
                    "virusVerdict": { "status": "PASS" }, "spfVerdict": { "status": "PASS" },
                    "dkimVerdict": { "status": "PASS" }, "dmarcVerdict": { "status": "PASS" },
                    "action": {
                        "type": "Lambda", "invocationType": "Event",
                        "functionArn": "arn:aws:lambda:${region}:${account}:function:mail" } } }
        } ] }
        """
}

/// The payload of a log subscription.
enum SampleLogs {
    static func data(at now: Timestamp, account: String) -> String {
        let batch: JSONValue = [
            "messageType": "DATA_MESSAGE", "owner": .string(account), "logGroup": "/aws/lambda/health",
            "logStream": "2026/01/02/[$LATEST]0123456789abcdef0123456789abcdef",
            "subscriptionFilters": ["errors"],
            "logEvents": [
                [
                    "id": "34622316099697884706540976068822859012661220141643892546",
                    "timestamp": .number(.init(now.milliseconds)), "message": "ERROR something went wrong",
                ]
            ],
        ]
        return Base64.encode(gzip(batch.encoded()))
    }

    /// A gzip file with one stored block (RFC 1952 around RFC 1951, section 3.2.4); at most 65,535 bytes fit.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: bytes.count)
        func little<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> [UInt8] {
            ByteOrder.bytes(value.byteSwapped)
        }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1] + little(length) + little(~length) + bytes
            + little(CRC32.checksum(bytes)) + little(UInt32(truncatingIfNeeded: bytes.count))
    }
}
