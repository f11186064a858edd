import EventSources
import JSON
import LambdaEvents
import Testing

/// The events of the EventBridge user guide.
@Suite struct BusEventTests {
    static let instance = """
        {"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718",\
        "detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","account":"111122223333",\
        "time":"2017-12-22T18:43:48Z","region":"us-west-1",\
        "resources":["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],\
        "detail":{"instance-id":"i-1234567890abcdef0","state":"terminated"}}
        """

    @Test func anEventOfABus() throws {
        let event = try EventBridgeEvent(json: JSONValue.parse(Self.instance))
        #expect(event.id == "6a7e8feb-b491-4cf7-a9f1-bf3703467718" && event.source == "aws.ec2")
        #expect(event.detailType == "EC2 Instance State-change Notification")
        #expect(event.account == "111122223333" && event.region == "us-west-1")
        #expect(event.time == "2017-12-22T18:43:48Z" && event.resources.count == 1)
        #expect(event.detail["state"] == "terminated")
    }

    private func scheduled(source: JSONValue, detail: JSONValue, resource: JSONValue) -> JSONValue {
        [
            "version": "0", "id": "53dc4d37", "detail-type": "Scheduled Event", "source": source,
            "account": "123456789012", "time": "2015-10-08T16:53:06Z", "region": "us-east-1",
            "resources": [resource], "detail": detail,
        ]
    }

    @Test func aRuleThatIsDue() throws {
        let event = try ScheduledEvent(
            json: scheduled(
                source: "aws.events", detail: [:],
                resource: "arn:aws:events:us-east-1:123456789012:rule/my-schedule"))
        #expect(event.time == "2015-10-08T16:53:06Z" && event.scheduleName == "my-schedule")
        #expect(event.id == "53dc4d37" && event.account == "123456789012" && event.region == "us-east-1")
    }

    @Test func theSchedulersDetailIsText() throws {
        let event = try ScheduledEvent(
            json: scheduled(
                source: "aws.scheduler", detail: "{}",
                resource: "arn:aws:scheduler:us-east-1:123456789012:schedule/default/nightly"))
        #expect(event.scheduleName == "nightly")
    }
}
