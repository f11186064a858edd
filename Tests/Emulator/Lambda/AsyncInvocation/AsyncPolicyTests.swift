import Clock
import JSON
import Testing

@testable import Lambda

@Suite struct AsyncPolicyTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private func event(failures: Int = 0) -> AsyncEvent {
        AsyncEvent(
            function: "f", payload: Array(#"{"a":1}"#.utf8), requestID: "id", accepted: start,
            failures: failures)
    }

    private func config(retries: Int? = nil, age: Int? = nil) -> EventInvokeConfig {
        EventInvokeConfig(
            function: "f", qualifier: "$LATEST", maximumRetries: retries, maximumAgeSeconds: age,
            modified: start)
    }

    static let failure = InvokeResult(
        payload: Array(#"{"errorMessage":"bad"}"#.utf8), functionError: "Unhandled",
        executedVersion: "$LATEST",
        logTail: [], requestID: "id", durationMs: 1, billedMs: 1, initMs: nil, maxMemoryMB: 1, timedOut: false
    )

    private func afterFailure(
        _ failures: Int, _ config: EventInvokeConfig?, at now: Timestamp? = nil
    ) -> AsyncPolicy.Verdict {
        AsyncPolicy.afterAttempt(
            event(failures: failures), .functionError(Self.failure), config, delays: [60_000, 120_000],
            now: now ?? start)
    }

    private func condition(_ verdict: AsyncPolicy.Verdict?) -> AsyncPolicy.Condition? {
        if case .end(let condition, _)? = verdict { condition } else { nil }
    }

    private func time(_ verdict: AsyncPolicy.Verdict) -> Timestamp? {
        if case .tryAgain(let time) = verdict { time } else { nil }
    }

    @Test func aFailedFunctionIsTriedAfterOneAndTwoMinutes() {
        #expect(time(afterFailure(0, nil)) == start + 60_000)
        #expect(time(afterFailure(1, nil)) == start + 120_000)
        #expect(condition(afterFailure(2, nil)) == .retriesExhausted)
    }

    @Test(arguments: [0, 1, 2])
    func retriesCanBeLimited(_ retries: Int) {
        for failures in 0..<retries { #expect(time(afterFailure(failures, config(retries: retries))) != nil) }
        #expect(condition(afterFailure(retries, config(retries: retries))) == .retriesExhausted)
    }

    @Test func aRetryThatWouldComeTooLateIsNotMade() {
        #expect(condition(afterFailure(0, config(age: 60))) == .eventAgeExceeded)
        #expect(time(afterFailure(0, config(age: 61))) == start + 60_000)
    }

    @Test func anOldEventIsNotTriedAtAll() {
        let late = start + 6 * 3_600_000
        #expect(
            condition(AsyncPolicy.beforeAttempt(event(), nil, concurrency: 5, now: late)) == .eventAgeExceeded
        )
        #expect(AsyncPolicy.beforeAttempt(event(), nil, concurrency: 5, now: late - 1) == nil)
    }

    @Test func withoutConcurrencyAnEventEndsAtOnce() {
        let verdict = AsyncPolicy.beforeAttempt(event(), nil, concurrency: 0, now: start)
        #expect(condition(verdict) == .zeroReservedConcurrency)
    }

    @Test func anEventOfAnAbsentFunctionWaits() {
        guard case .postpone? = AsyncPolicy.beforeAttempt(event(), nil, concurrency: nil, now: start) else {
            Issue.record("the event does not wait")
            return
        }
    }

    @Test func throttlesAndTroubleUseUpNothing() {
        for outcome in [InvokeOutcome.throttled(reason: "r"), .startFailure(reason: "r")] {
            let verdict = AsyncPolicy.afterAttempt(
                event(failures: 2), outcome, config(retries: 2), delays: [1], now: start)
            guard case .postpone = verdict else {
                Issue.record("\(outcome) counts")
                continue
            }
        }
    }

    // MARK: - Stored forms

    @Test func eventsAreReadAsTheyWereWritten() throws {
        var event = AsyncEvent(
            function: "f", qualifier: "live", payload: [0, 1, 255], requestID: "id", traceID: "Root=1",
            accepted: start, failures: 2, hops: 3)
        event.tenantID = "blue"
        #expect(try AsyncEvent(decoding: event.encoded()) == event)
    }

    @Test(
        arguments: [[], [1], [2, 0, 0, 0, 0], [1, 0, 0, 0, 9, 1], [1, 0, 0, 0, 2, 0x7B, 0x7D]] as [[UInt8]])
    func damagedEventsAreRefused(_ bytes: [UInt8]) {
        #expect(throws: (any Error).self) { try AsyncEvent(decoding: bytes) }
    }

    @Test func keysTellTheirFunctionAndTime() {
        let key = QueueKeys.waiting(QueueKeys.events("name"), due: start, order: 7)
        #expect(QueueKeys.line(of: key) == "name")
        #expect(QueueKeys.due(key) == start)
    }

    @Test func earlierEventsHaveSmallerKeys() {
        let line = QueueKeys.events("f")
        let early = QueueKeys.waiting(line, due: start, order: 9)
        let late = QueueKeys.waiting(line, due: start + 1, order: 1)
        #expect(early.lexicographicallyPrecedes(late))
    }

    // MARK: - Records

    @Test func aRecordOfFailure() throws {
        let record = InvocationRecord(
            event: event(failures: 2), functionARN: "arn:f:$LATEST", condition: .retriesExhausted,
            result: Self.failure, count: 3, time: Timestamp(milliseconds: 0))
        #expect(
            String(decoding: record.encoded(), as: UTF8.self)
                == #"{"version":"1.0","timestamp":"1970-01-01T00:00:00.000Z","requestContext":{"requestId":"id","functionArn":"arn:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"bad"}}"#
        )
    }

    @Test func aRecordWithoutACallHasNoResponse() throws {
        let record = InvocationRecord(
            event: event(), functionARN: "a", condition: .zeroReservedConcurrency, result: nil, count: 0,
            time: start)
        let json = try JSONValue.parse(record.encoded())
        #expect(json["responseContext"] == nil)
        #expect(json["responsePayload"] == nil)
        #expect(json["requestContext"]?["approximateInvokeCount"] == 0)
    }

    @Test func whatIsNoJSONIsShownAsText() throws {
        var result = Self.failure
        result.payload = Array("plain \"text\"".utf8)
        let record = InvocationRecord(
            event: event(), functionARN: "a", condition: .success, result: result, count: 1, time: start)
        #expect(try JSONValue.parse(record.encoded())["responsePayload"] == "plain \"text\"")
    }

    @Test func aDeadLetterIsTheEventItself() {
        let message = DeadLetter(event: event(), result: Self.failure, condition: .retriesExhausted).message
        #expect(message.body == event().payload)
        #expect(message.attributes["RequestID"] == .init(type: "String", value: "id"))
        #expect(message.attributes["ErrorCode"] == .init(type: "Number", value: "200"))
        #expect(message.attributes["ErrorMessage"] == .init(type: "String", value: "bad"))
    }

    @Test func aDeadLetterShowsTheFirstKilobyteOfTheMessage() {
        var result = Self.failure
        let text = String(repeating: "ä", count: 2000)
        result.payload = JSONValue.object(["errorMessage": .string(text)]).encoded()
        let message = DeadLetter(event: event(), result: result, condition: .retriesExhausted).message
        #expect(message.attributes["ErrorMessage"]?.value == String(repeating: "ä", count: 512))
    }

    // MARK: - Destinations

    @Test func destinations() throws {
        func destination(_ arn: String) throws -> Destination {
            try Destination(arn, region: "us-east-1", accountID: "000000000000")
        }
        #expect(
            try destination("arn:aws:lambda:us-east-1:000000000000:function:f")
                == .function(name: "f", qualifier: nil))
        #expect(
            try destination("arn:aws:lambda:us-east-1:000000000000:function:f:live")
                == .function(name: "f", qualifier: "live"))
        #expect(try destination("arn:aws:s3:::b") == .bucket("b"))
        #expect(try destination("arn:aws:sqs:us-east-1:000000000000:q") == .queue("q"))
        #expect(throws: Destination.Refusal.malformed) { try destination("f") }
        #expect(throws: Destination.Refusal.elsewhere) {
            try destination("arn:aws:sqs:eu-west-1:000000000000:q")
        }
        #expect(throws: Destination.Refusal.unsupported("SNS topics")) {
            try destination("arn:aws:sns:us-east-1:000000000000:t")
        }
        #expect(throws: Destination.Refusal.unknownService) {
            try destination("arn:aws:iam:us-east-1:000000000000:role")
        }
    }

    @Test func recordsInBucketsAreNamedByTheirTime() {
        let key = BucketDelivery.key(of: "f", at: Timestamp(milliseconds: 1_700_000_000_000))
        #expect(key.hasPrefix("aws/lambda/async/f/2023/11/14/2023-11-14T22.13.20-"))
    }

    // MARK: - Dead letters

    @Test(arguments: ["e", "é", "語", "🙂"])
    func longMessagesAreCutBetweenCharacters(_ character: String) throws {
        var result = Self.failure
        let text = "x" + String(repeating: character, count: 2_000)
        result.payload = JSONValue.object(["errorMessage": .string(text)]).encoded()
        let letter = DeadLetter(event: event(), result: result, condition: .retriesExhausted)
        let message = try #require(letter.message.attributes["ErrorMessage"]?.value)
        #expect(text.hasPrefix(message))
        #expect((1_021...1_024).contains(message.utf8.count))
    }
}
