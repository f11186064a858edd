import EventSources
import JSON
import LambdaEvents

/// Events of EventBridge, and of its schedules.
enum BusSamples {
    static let all: [EventSample] = [
        bus(
            "custom", "An event of an application", source: "com.example.shop", type: "OrderPlaced",
            resources: "", detail: #""order": "42", "total": 9.5, "items": [ { "sku": "A1", "count": 2 } ]"#),
        bus(
            "s3-object-created", "A bucket's event by way of EventBridge", source: "aws.s3",
            type: "Object Created", resources: #""arn:aws:s3:::mumble-media""#,
            detail: """
                "version": "0", "bucket": { "name": "mumble-media" },
                "object": {
                    "key": "pictures/a picture.png", "size": 1024, "etag": "${hex32}",
                    "sequencer": "00${hex16}" },
                "request-id": "${hex16}", "requester": "${account}", "source-ip-address": "127.0.0.1",
                "reason": "PutObject"
                """),
        bus(
            "instance-state", "An EC2 instance has changed its state", source: "aws.ec2",
            type: "EC2 Instance State-change Notification",
            resources: #""arn:aws:ec2:${region}:${account}:instance/i-1234567890abcdef0""#,
            detail: #""instance-id": "i-1234567890abcdef0", "state": "terminated""#),
        EventSample(
            "schedule", "rule", "A rule by rate or cron is due",
            envelope(
                source: "aws.events", type: "Scheduled Event",
                resources: #""arn:aws:events:${region}:${account}:rule/every-minute""#, detail: "{}"),
            check: scheduled),
        EventSample(
            "schedule", "scheduler", "A schedule of EventBridge Scheduler without input is due",
            envelope(
                source: "aws.scheduler", type: "Scheduled Event",
                resources: #""arn:aws:scheduler:${region}:${account}:schedule/default/nightly""#,
                detail: #""{}""#),
            check: scheduled),
    ]

    private static let scheduled: @Sendable (JSONValue) throws(EventDecodingError) -> Void = {
        json throws(EventDecodingError) in _ = try ScheduledEvent(json: json)
    }

    private static func bus(
        _ kind: String, _ summary: String, source: String, type: String, resources: String, detail: String
    ) -> EventSample {
        EventSample(
            "eventbridge", kind, summary,
            envelope(source: source, type: type, resources: resources, detail: "{ \(detail) }")
        ) { json throws(EventDecodingError) in _ = try EventBridgeEvent(json: json) }
    }

    private static func envelope(source: String, type: String, resources: String, detail: String) -> String {
        """
        { "version": "0", "id": "${uuid}", "detail-type": "\(type)", "source": "\(source)",
          "account": "${account}", "time": "${second}", "region": "${region}",
          "resources": [ \(resources) ], "detail": \(detail) }
        """
    }
}
