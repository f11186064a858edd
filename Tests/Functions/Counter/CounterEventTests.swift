import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import Counter

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct CounterEventTests {
    static let cases = try! EventCases.load(beside: #filePath)

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        world.seedCounter("img-9", "like", 40)
        world.seedCounter("img-9", "view", 7)
        world.seedCounter("img-8", "like", 41)
        world.seedCounter("img-7", "like", -2)
        let service = CounterService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }

    @Test func sixMegabyteBodyIsRefusedInWords() throws {
        let world = TestWorld()
        let event = try HTTPAPIEvent.make(
            "POST", "/api/v1/counter/increment", headers: ["content-type": "application/json"],
            body: String(repeating: "a", count: 6 * 1024 * 1024), route: "POST /api/v1/counter/increment")
        let answer = CounterService(world.dependencies).handle(event, TestWorld.context)
        #expect(answer.statusCode == 413)
        #expect(
            answer.document == [
                "error": [
                    "code": "PayloadTooLarge", "message": "the body is larger than 262144 bytes",
                    "requestId": "TestRequest0001=",
                ]
            ])
        #expect(world.table.operations.isEmpty)
    }
}
