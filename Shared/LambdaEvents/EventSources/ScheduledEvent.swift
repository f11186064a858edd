import JSON
import LambdaEvents

/// The event of a schedule by rate or cron that has no input of its own.
///
/// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
public struct ScheduledEvent: Sendable {
    public let id: String
    public let account: String
    public let region: String
    /// When it was due: ISO 8601 to the second.
    public let time: String
    /// Of the rule, or of EventBridge Scheduler's schedule.
    public let scheduleARN: String

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        // Rules say aws.events and an empty detail, EventBridge Scheduler says aws.scheduler and "{}".
        let type = try event.requiredString("detail-type")
        guard type == "Scheduled Event" else {
            throw event.invalid("detail-type", "must be \"Scheduled Event\", not \"\(type)\"")
        }
        guard let schedule = try event.strings("resources").first else {
            throw event.invalid("resources[0]", "is missing: it names the schedule")
        }
        id = try event.string("id") ?? ""
        account = try event.string("account") ?? ""
        region = try event.string("region") ?? ""
        time = try event.requiredString("time")
        scheduleARN = schedule
    }

    /// The last part of the ARN.
    public var scheduleName: String {
        scheduleARN.split(separator: "/").last.map { String($0) } ?? scheduleARN
    }
}
