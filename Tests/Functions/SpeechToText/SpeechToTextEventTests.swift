import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import SpeechToText

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct SpeechToTextEventTests {
    static let cases = try! EventCases.load(
        beside: #filePath, oversizedBodyFor: "POST /api/v1/speech-to-text")

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        world.seedAudio(1)
        world.seedAudio(2, body: nil)
        world.seedAudio(3, body: Array("<html>".utf8))
        let service = SpeechToTextService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }
}
