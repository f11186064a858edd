import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import Gallery

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct GalleryEventTests {
    static let cases = try! EventCases.load(beside: #filePath)

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        for number in 1...3 { world.seedImage(number) }
        world.seedImage(4, user: "bob")
        world.seedAudio(50)
        let service = try GalleryService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }
}
