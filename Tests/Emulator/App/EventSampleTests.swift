import Clock
import EventSources
import JSON
import LambdaEvents
import Seeded
import Testing

@testable import App

@Suite struct EventSampleTests {
    private let facts = EventFacts(now: Timestamp(milliseconds: 1_767_323_045_678))

    @Test func thereAreAtLeast25Kinds() {
        #expect(EventCatalog.samples.count >= 25)
        let names = EventCatalog.samples.map { "\($0.service) \($0.kind)" }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: EventCatalog.samples.map { "\($0.service) \($0.kind)" })
    func eachIsAcceptedByItsDecoder(name: String) throws {
        let sample = try #require(EventCatalog.samples.first { "\($0.service) \($0.kind)" == name })
        let event = try sample.event(facts)
        try sample.check(event)
        #expect(!event.encodedString().contains("${"), "a placeholder is not known")
    }

    /// A check that accepts anything would prove nothing.
    @Test(arguments: EventCatalog.samples.map { "\($0.service) \($0.kind)" })
    func noDecoderAcceptsAnEmptyEvent(name: String) throws {
        let sample = try #require(EventCatalog.samples.first { "\($0.service) \($0.kind)" == name })
        #expect(throws: EventDecodingError.self) { try sample.check([:]) }
    }

    /// Whatever is wrong with an event: it is read, or refused with the name of a field.
    @Test func damagedEventsAreReadOrRefused() throws {
        var random = SeededRandom.fresh("damagedEventsAreReadOrRefused")
        let values: [JSONValue] = [
            nil, true, 0, -1, 1.5, "", "x", "1e400", [], [nil], [[:]], [:], ["a": nil],
            .number(JSONNumber(text: "1e400") ?? 0),
            .number(JSONNumber(text: "99999999999999999999") ?? 0),
        ]
        for sample in EventCatalog.samples {
            let event = try sample.event(facts)
            let paths = JSONPath.all(in: event)
            for _ in 0..<100 {
                var damaged = event
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let path = try #require(paths.randomElement(using: &random))
                    damaged = replacing(
                        path.steps[...], in: damaged, by: values.randomElement(using: &random))
                }
                do {
                    try sample.check(damaged)
                } catch {
                    #expect(!error.field.isEmpty && !error.reason.isEmpty, "seed \(random.seed)")
                }
            }
        }
    }

    private func replacing(
        _ steps: ArraySlice<JSONPath.Step>, in value: JSONValue, by other: JSONValue?
    ) -> JSONValue {
        guard let step = steps.first else { return other ?? .null }
        switch (step, value) {
        case (.name(let name), .object(var members)):
            guard let member = members[name] else { return value }
            members[name] = replacing(steps.dropFirst(), in: member, by: other)
            return .object(members)
        case (.index(let index), .array(var elements)) where index < elements.count:
            elements[index] = replacing(steps.dropFirst(), in: elements[index], by: other)
            return .array(elements)
        default: return value
        }
    }

    private func sample(_ service: String, _ kind: String) throws -> JSONValue {
        let sample = try #require(EventCatalog.kinds(of: service).first { $0.kind == kind })
        return try sample.event(facts)
    }

    @Test func sequenceNumbersOfQueuesHave20Digits() throws {
        let attributes = try sample("sqs", "fifo")["Records"]?[0]?["attributes"]
        #expect(attributes?["SequenceNumber"]?.string?.count == 20)
    }

    @Test func tagsHaveNoPlaceInTheSequence() throws {
        let object = try sample("s3", "tagging")["Records"]?[0]?["s3"]?["object"]
        #expect(object?["eTag"] != nil && object?["sequencer"] == nil)
    }

    @Test func aMarkerHasTheTagOfNothing() throws {
        let object = try sample("s3", "delete-marker")["Records"]?[0]?["s3"]?["object"]
        #expect(object?["eTag"]?.string == "d41d8cd98f00b204e9800998ecf8427e")
    }

    @Test func aUserToBeMigratedHasNoAttributesYet() throws {
        let request = try sample("cognito", "user-migration")["request"]
        #expect(request?["password"] != nil && request?["userAttributes"] == nil)
    }

    @Test func placeholdersAreFilled() {
        #expect(
            facts.fill("${region} ${s} $default ${unknown} $") == "us-east-1 1767323045 $default ${unknown} $"
        )
        #expect(facts.fill("${time}") == "2026-01-02T03:04:05.678Z")
    }

    @Test func logsAreAGzipFileThatHoldsABatch() throws {
        let sample = try #require(EventCatalog.kinds(of: "logs").first)
        let event = try CloudWatchLogsEvent(json: sample.event(facts))
        // One stored block: what lies between its head of 15 bytes and its foot of 8.
        let batch = try event.batch { Array($0.dropFirst(15).dropLast(8)) }
        #expect(batch.events.first?.timestamp == 1_767_323_045_678)
    }
}

@Suite struct EventEditTests {
    private func edited(_ json: String, _ argument: String) throws -> String {
        try EventEdit(argument).apply(to: JSONValue.parse(json)).encodedString()
    }

    @Test(arguments: [
        (#"{"a":1}"#, "a=2", #"{"a":2}"#), (#"{"a":{"b":[1,2]}}"#, "a.b[1]=x", #"{"a":{"b":[1,"x"]}}"#),
        (#"{"a":"x"}"#, "a=5", #"{"a":"5"}"#), (#"{"a":"x"}"#, #"a="5""#, #"{"a":"5"}"#),
        (#"{"a":"x"}"#, "a=null", #"{"a":null}"#), (#"{"a":null}"#, "a=true", #"{"a":true}"#),
        (#"{"a":[{"b":1}]}"#, "a[1].b=2", #"{"a":[{"b":1},{"b":2}]}"#),
        (#"{"headers":null}"#, "headers.x=1", #"{"headers":{"x":"1"}}"#),
        (#"{"detail":{}}"#, "detail.a.b=1", #"{"detail":{"a":{"b":1}}}"#),
        (#"{"NewImage":{}}"#, "NewImage.count.N=5", #"{"NewImage":{"count":{"N":"5"}}}"#),
        (#"{"NewImage":{}}"#, "NewImage.on.BOOL=true", #"{"NewImage":{"on":{"BOOL":true}}}"#),
        (#"{"Keys":{"PK":{"S":"a"}}}"#, "Keys.PK.N=5", #"{"Keys":{"PK":{"N":"5"}}}"#),
        (#"{"NewImage":{}}"#, #"NewImage.N={"S":"x"}"#, #"{"NewImage":{"N":{"S":"x"}}}"#),
        (#"{"NewImage":{}}"#, "NewImage.a.M.N.N=5", #"{"NewImage":{"a":{"M":{"N":{"N":"5"}}}}}"#),
        (
            #"{"messageAttributes":{}}"#, "messageAttributes.a.stringValue=5",
            #"{"messageAttributes":{"a":{"stringValue":"5"}}}"#
        ),
        (
            #"{"MessageAttributes":{}}"#, "MessageAttributes.a.Value=5",
            #"{"MessageAttributes":{"a":{"Value":"5"}}}"#
        ),
        (
            #"{"authorizer":{"claims":{}}}"#, "authorizer.claims.exp=5",
            #"{"authorizer":{"claims":{"exp":"5"}}}"#
        ),
        (#"{"detail":{}}"#, "detail.N=5", #"{"detail":{"N":5}}"#),
    ])
    func changesWhatIsThere(json: String, argument: String, result: String) throws {
        #expect(try edited(json, argument) == result)
    }

    @Test func aRecordThatIsCopiedIsAnotherMessage() throws {
        let text = try edited(
            #"{"Records":[{"messageId":"a","attributes":{"SequenceNumber":"199"},"body":"b"}]}"#,
            "Records[1].body=c")
        let records = try #require(JSONValue.parse(text)["Records"]?.array)
        #expect(records.count == 2 && records[0]["messageId"]?.string == "a")
        #expect(records[1]["messageId"]?.string?.count == 36)
        #expect(records[1]["attributes"]?["SequenceNumber"]?.string == "200")
        #expect(records[0]["body"]?.string == "b" && records[1]["body"]?.string == "c")
    }

    @Test(arguments: ["b=1", "a.c=1", "a[0]=1", "x[2]=1", "x.y=1"])
    func refusesWhatIsNot(argument: String) {
        #expect(throws: CommandFailure.self) { try edited(#"{"a":{"b":1},"x":[1]}"#, argument) }
    }
}

@Suite struct JSONPathTests {
    @Test(arguments: ["a", "a.b", "a[0].b", "[0]", #"a["b.c"].d"#, "a[0][1]"])
    func readsWhatItWrites(text: String) throws {
        #expect(try #require(JSONPath(text)).description == text)
    }

    @Test(arguments: ["", ".a", "a.", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a.[0]"])
    func refusesWhatIsNoPath(text: String) { #expect(JSONPath(text) == nil) }
}
