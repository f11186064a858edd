import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import AudioUpload

/// Every file in Events, against a fresh world; the whole answer must be the file beside it.
@Suite struct AudioUploadEventTests {
    static let cases = try! EventCases.load(beside: #filePath)

    @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
        let world = TestWorld()
        let service = AudioUploadService(world.dependencies)
        let difference = event.difference(service.handle(event.event, TestWorld.context))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func thereAreEnoughEvents() { #expect(Self.cases.count >= 8) }

    @Test func sixMegabyteBodyIsRefusedInWords() throws {
        let world = TestWorld()
        let event = try HTTPAPIEvent.make(
            "POST", "/api/v1/audio/upload", headers: ["content-type": "application/json"],
            body: String(repeating: "a", count: 6 * 1024 * 1024), route: "POST /api/v1/audio/upload")
        let answer = AudioUploadService(world.dependencies).handle(event, TestWorld.context)
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
