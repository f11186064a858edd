import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import AudioUpload

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct AudioUploadEventTests {
    static let cases = try! EventCases.load(
        beside: #filePath, oversizedBodyFor: "POST /api/v1/audio/upload")

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        let service = AudioUploadService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }
}
