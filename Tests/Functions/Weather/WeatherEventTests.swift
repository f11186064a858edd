import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import Weather

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct WeatherEventTests {
    static let cases = try! EventCases.load(
        beside: #filePath, oversizedBodyFor: "POST /api/v1/weather")

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        let service = WeatherService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }
}
