import Bytes
import EventSources
import JSON
import LambdaEvents
import Testing

/// The events of the CloudWatch Logs and SES guides.
@Suite struct LogAndMailEventTests {
    static let batch = """
        {"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"log-group","logStream":"stream",\
        "subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1440442987000,"message":"hello"}]}
        """

    @Test func logsAreUnzippedByTheCaller() throws {
        let json: JSONValue = ["awslogs": ["data": .string(Base64.encode([0x1F, 0x8B, 1, 2]))]]
        let event = try CloudWatchLogsEvent(json: json)
        #expect(event.compressed == [0x1F, 0x8B, 1, 2])
        let batch = try event.batch { $0 == event.compressed ? Array(Self.batch.utf8) : nil }
        #expect(!batch.isControlMessage && batch.owner == "123456789012" && batch.logGroup == "log-group")
        #expect(batch.logStream == "stream" && batch.subscriptionFilters == ["f"])
        #expect(batch.events.first?.message == "hello")
        #expect(batch.events.first?.timestamp == 1_440_442_987_000)
        #expect(throws: EventDecodingError.self) { try event.batch { _ in nil } }
    }

    @Test func aMailThatWasReceived() throws {
        let json: JSONValue = [
            "Records": [
                [
                    "eventSource": "aws:ses",
                    "ses": [
                        "mail": [
                            "messageId": "m", "source": "a@example.com", "timestamp": "t",
                            "commonHeaders": [
                                "subject": "Hello", "from": ["A <a@example.com>"], "to": ["b@example.org"],
                            ],
                        ],
                        "receipt": [
                            "recipients": ["b@example.org"], "spamVerdict": ["status": "PASS"],
                            "dkimVerdict": ["status": "GRAY"],
                        ],
                    ],
                ]
            ]
        ]
        let mail = try #require(try SESEvent(json: json).mails.first)
        #expect(mail.messageID == "m" && mail.source == "a@example.com" && mail.subject == "Hello")
        #expect(mail.from == ["A <a@example.com>"] && mail.to == ["b@example.org"])
        #expect(mail.recipients == ["b@example.org"] && mail.verdicts == ["spam": "PASS", "dkim": "GRAY"])
    }
}
