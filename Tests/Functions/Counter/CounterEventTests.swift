import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import Counter

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct CounterEventTests {
    static let cases = try! EventCases.load(
        beside: #filePath, oversizedBodyFor: "POST /api/v1/counter/increment")

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
}
