import Bytes
import Clock
import JSON

/// A rule that invokes a function by the clock (Amazon EventBridge User Guide, "Creating a rule that runs on a
/// schedule").
public struct Schedule: Sendable, Equatable {
    /// Unique; the last part of the rule's ARN.
    public var name: String
    public var function: String
    /// As it was written.
    public var text: String
    public var expression: ScheduleExpression
    /// A constant event instead of EventBridge's own; JSON text.
    public var input: [UInt8]?

    /// - Throws: `ScheduleExpression.Invalid`
    public init(
        name: String, function: String, expression text: String, input: [UInt8]? = nil
    ) throws(ScheduleExpression.Invalid) {
        self.name = name
        self.function = function
        self.text = text
        self.input = input
        expression = try ScheduleExpression(text)
    }

    /// What the function gets.
    func event(at time: Timestamp, region: String, accountID: String, id: String) -> [UInt8] {
        if let input { return input }
        let event: JSONObject = [
            "version": "0",
            "id": .string(id),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": .string(accountID),
            "time": .string(time.iso8601Seconds),
            "region": .string(region),
            "resources": [.string("arn:aws:events:\(region):\(accountID):rule/\(name)")],
            "detail": [:],
        ]
        return event.encoded()
    }
}
