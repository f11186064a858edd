import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import GenerateImage

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct GenerateImageEventTests {
    static let cases = try! EventCases.load(
        beside: #filePath, oversizedBodyFor: "POST /api/v1/generate")

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        world.seedAudio(101)
        world.seedAudio(102, transcript: "two cats on a roof")
        world.seedAudio(103, transcript: " ")
        let service = GenerateImageService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }
}
