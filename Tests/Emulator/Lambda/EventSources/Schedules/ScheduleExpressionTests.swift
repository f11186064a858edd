import Clock
import Testing

@testable import Lambda

/// `rate` and `cron` (Amazon EventBridge User Guide, "Schedule expressions"); all times are UTC.
@Suite struct ScheduleExpressionTests {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    private func next(_ expression: String, after text: String, start: String? = nil) throws -> String? {
        let after = try time(text)
        return try ScheduleExpression(expression)
            .next(after: after, start: try start.map(time) ?? after)?.iso8601Seconds
    }

    // MARK: - Rates

    @Test(arguments: [
        ("rate(1 minute)", "2026-01-01T00:01:00Z"), ("rate(5 minutes)", "2026-01-01T00:05:00Z"),
        ("rate(1 hour)", "2026-01-01T01:00:00Z"), ("rate(7 days)", "2026-01-08T00:00:00Z"),
    ])
    func ratesCountFromTheirStart(_ expression: String, _ expected: String) throws {
        #expect(try next(expression, after: "2026-01-01T00:00:00Z") == expected)
    }

    @Test func aRateKeepsItsPaceAfterARestart() throws {
        let found = try next("rate(1 hour)", after: "2026-01-01T05:30:00Z", start: "2026-01-01T00:10:00Z")
        #expect(found == "2026-01-01T06:10:00Z")
    }

    @Test func aRateThatIsDueNowIsDueNextAfterItsPeriod() throws {
        let found = try next("rate(5 minutes)", after: "2026-01-01T00:05:00Z", start: "2026-01-01T00:00:00Z")
        #expect(found == "2026-01-01T00:10:00Z")
    }

    @Test(arguments: [
        "rate(0 minutes)", "rate(1 minutes)", "rate(5 minute)", "rate(-1 minutes)", "rate(1.5 hours)",
        "rate(5 seconds)", "rate(5)", "rate()", "rate(5  minutes)", "rate( 5 minutes)", "rate(minutes 5)",
        "Rate(5 minutes)", "rate(5 minutes", "5 minutes", "", "at(2026-01-01T00:00:00)", "rate(+5 minutes)",
    ])
    func noRates(_ text: String) {
        #expect(throws: ScheduleExpression.Invalid.self) { try ScheduleExpression(text) }
    }

    // MARK: - AWS's examples

    struct Case: CustomTestStringConvertible {
        let expression: String
        let after: String
        let expected: String?
        var testDescription: String { "\(expression) after \(after)" }

        init(_ expression: String, _ after: String, _ expected: String?) {
            self.expression = expression
            self.after = after
            self.expected = expected
        }
    }

    static let examples: [Case] = [
        // 10:15 every day
        Case("cron(15 10 * * ? *)", "2026-03-01T10:14:59Z", "2026-03-01T10:15:00Z"),
        Case("cron(15 10 * * ? *)", "2026-03-01T10:15:00Z", "2026-03-02T10:15:00Z"),
        Case("cron(0 12 * * ? *)", "2026-12-31T12:00:00Z", "2027-01-01T12:00:00Z"),
        // 18:00 Monday to Friday
        Case("cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00:00Z", "2026-11-23T18:00:00Z"),
        Case("cron(0 18 ? * 2-6 *)", "2026-11-21T00:00:00Z", "2026-11-23T18:00:00Z"),
        // 8:00 on the first day of every month
        Case("cron(0 8 1 * ? *)", "2026-02-02T00:00:00Z", "2026-03-01T08:00:00Z"),
        // Every 10 minutes Monday to Friday
        Case("cron(0/10 * ? * MON-FRI *)", "2026-11-23T00:00:00Z", "2026-11-23T00:10:00Z"),
        Case("cron(0/15 * * * ? *)", "2026-11-23T00:46:00Z", "2026-11-23T01:00:00Z"),
        // Every 5 minutes Monday to Friday between 8:00 and 17:55
        Case("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-23T17:55:00Z", "2026-11-24T08:00:00Z"),
        Case("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-23T08:03:00Z", "2026-11-23T08:05:00Z"),
        // 9:00 on the first Monday of each month
        Case("cron(0 9 ? * 2#1 *)", "2026-11-21T00:00:00Z", "2026-12-07T09:00:00Z"),
        Case("cron(0 9 ? * MON#1 *)", "2026-11-21T00:00:00Z", "2026-12-07T09:00:00Z"),
        // 10:00 on the last Friday; 10:15 each last Friday of 2019 to 2022
        Case("cron(0 10 ? * 6L *)", "2026-11-21T00:00:00Z", "2026-11-27T10:00:00Z"),
        Case("cron(15 10 ? * 6L 2019-2022)", "2022-11-26T00:00:00Z", "2022-12-30T10:15:00Z"),
        Case("cron(15 10 ? * 6L 2019-2022)", "2022-12-30T10:15:00Z", nil),
        // 12:00 on the weekday nearest to the 3rd
        Case("cron(0 12 3W * ? *)", "2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"),
        // 0:00 to 2:55 on the last day
        Case("cron(0/5 0-2 L * ? *)", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ]

    static let fields: [Case] = [
        Case("cron(0,30 0 1 1 ? *)", "2026-01-01T00:00:00Z", "2026-01-01T00:30:00Z"),
        Case("cron(0 0 1 JAN,jul ? *)", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        Case("cron(0 0 1 10-12/2 ? *)", "2026-10-02T00:00:00Z", "2026-12-01T00:00:00Z"),
        Case("cron(5/20 * * * ? *)", "2026-01-01T00:26:00Z", "2026-01-01T00:45:00Z"),
        Case("cron(*/20 * * * ? *)", "2026-01-01T00:41:00Z", "2026-01-01T01:00:00Z"),
        Case("cron(0 0 31 * ? *)", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"),
        Case("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        Case("cron(0 0 29 2 ? 2026-2027)", "2026-01-01T00:00:00Z", nil),
        Case("cron(0 0 ? * 1 *)", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        Case("cron(0 0 ? * SAT *)", "2026-11-21T00:00:00Z", "2026-11-28T00:00:00Z"),
        Case("cron(0 0 ? * L *)", "2026-11-22T00:00:00Z", "2026-11-28T00:00:00Z"),
        Case("cron(0 0 ? * FRI-MON *)", "2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z"),
        Case("cron(0 0 ? * FRI-MON/2 *)", "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"),
        Case("cron(0 0 ? * FRI-MON/2 *)", "2026-11-22T00:00:00Z", "2026-11-27T00:00:00Z"),
        Case("cron(0 0 1 NOV-FEB/2 ? *)", "2026-11-02T00:00:00Z", "2027-01-01T00:00:00Z"),
        Case("cron(0 0 ? * SUN#5 *)", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"),
        Case("cron(0 0 ? * SUN#5 *)", "2026-11-29T00:00:00Z", "2027-01-31T00:00:00Z"),
        Case("cron(0 0 LW * ? *)", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z"),
        Case("cron(0 0 L-2 * ? *)", "2026-02-01T00:00:00Z", "2026-02-26T00:00:00Z"),
        Case("cron(0 0 1W * ? *)", "2026-07-31T12:00:00Z", "2026-08-03T00:00:00Z"),
        Case("cron(0 0 31W * ? *)", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z"),
        Case("cron(0 0 15W,L * ? *)", "2026-11-17T00:00:00Z", "2026-11-30T00:00:00Z"),
        Case("cron(59 23 31 12 ? 2199)", "2026-01-01T00:00:00Z", "2199-12-31T23:59:00Z"),
        Case("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00Z", nil),
        Case("cron(0 0 1 1 ? 2025,2030)", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
    ]

    @Test(arguments: examples + fields)
    func nextTimes(_ one: Case) throws {
        #expect(try next(one.expression, after: one.after) == one.expected)
    }

    @Test(arguments: [
        "cron()", "cron(* * * * *)", "cron(* * * * ? * *)", "cron(* * * * * *)", "cron(* * ? * ? *)",
        "cron(60 * * * ? *)", "cron(* 24 * * ? *)", "cron(* * 32 * ? *)", "cron(* * 0 * ? *)",
        "cron(* * * 13 ? *)", "cron(* * ? * 8 *)", "cron(* * ? * 0 *)", "cron(* * * * ? 1969)",
        "cron(* * * * ? 2200)", "cron(? * * * ? *)", "cron(a * * * ? *)", "cron(5-1 * * * ? *)",
        "cron(*/0 * * * ? *)", "cron(* * ? * FRI-MON/0 *)", "cron(* * ? * FRI-MON/ *)",
        "cron(1/ * * * ? *)", "cron(/5 * * * ? *)", "cron(, * * * ? *)",
        "cron(* * ? * 2#6 *)", "cron(* * ? * 2#1,3#1 *)", "cron(* * 32W * ? *)", "cron(* * W * ? *)",
        "cron(* * * FOO ? *)", "cron(1-2-3 * * * ? *)", "cron(-1 * * * ? *)", "cron(+1 * * * ? *)",
    ])
    func noCron(_ text: String) {
        #expect(throws: ScheduleExpression.Invalid.self) { try ScheduleExpression(text) }
    }

    @Test func aScheduleOfEachMinuteIsDueEachMinute() throws {
        let expression = try ScheduleExpression("cron(* * * * ? *)")
        var now = try time("2026-02-28T23:57:30Z")
        var found: [String] = []
        for _ in 0..<4 {
            now = try #require(expression.next(after: now, start: now))
            found.append(now.iso8601Seconds)
        }
        #expect(
            found == [
                "2026-02-28T23:58:00Z", "2026-02-28T23:59:00Z", "2026-03-01T00:00:00Z",
                "2026-03-01T00:01:00Z",
            ])
    }

    // MARK: - The event

    @Test func theScheduledEvent() throws {
        let schedule = try Schedule(name: "warm", function: "f", expression: "rate(5 minutes)")
        let event = schedule.event(
            at: try time("2015-10-08T16:53:06Z"), region: "us-east-1", accountID: "123456789012",
            id: "89d1a02d")
        #expect(
            String(decoding: event, as: UTF8.self)
                == #"{"version":"0","id":"89d1a02d","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012","time":"2015-10-08T16:53:06Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:123456789012:rule/warm"],"detail":{}}"#
        )
    }

    @Test func aConstantInputIsSentAsItIs() throws {
        let schedule = try Schedule(
            name: "warm", function: "f", expression: "rate(5 minutes)", input: Array(#"{"warmer":true}"#.utf8)
        )
        let event = schedule.event(
            at: Timestamp(milliseconds: 0), region: "r", accountID: "a", id: "i")
        #expect(event == Array(#"{"warmer":true}"#.utf8))
    }
}
