import AWSClients
import JSON
import LambdaEvents
import Mumble
import TestSupport
import Testing

@Suite struct AnswerTests {
    @Test func corsHeadersAreOnSuccessAndErrorAlike() throws {
        var world = TestWorld()
        world.allowOrigin = "https://app.example"
        let event = try HTTPAPIEvent.make("GET", "/")
        let good = MumbleHandler.run(event, TestWorld.context, world.dependencies) {
            () throws(HandlerError) in
            .ok(["a": 1])
        }
        let bad = MumbleHandler.run(event, TestWorld.context, world.dependencies) { () throws(HandlerError) in
            throw .notFound("X", "x")
        }
        for answer in [good, bad] {
            #expect(answer.headers["access-control-allow-origin"] == "https://app.example")
            #expect(answer.headers["vary"] == "Origin")
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
        }
        #expect(world.logs.all.isEmpty, "a client's mistake is not worth a log line")
    }

    @Test func serverErrorsAreLoggedWithDetailAndAnsweredWithout() throws {
        let world = TestWorld()
        let event = try HTTPAPIEvent.make("GET", "/")
        let answer = MumbleHandler.run(event, TestWorld.context, world.dependencies) {
            () throws(HandlerError) in
            throw .unavailable("TableUnavailable", "the table cannot be reached", detail: "10.0.0.7 refused")
        }
        #expect(answer.body?.contains("10.0.0.7") == false)
        #expect(
            world.logs.all == [
                "TestRequest0001= 503 TableUnavailable: the table cannot be reached (10.0.0.7 refused)"
            ])
        #expect(answer.headers["retry-after"] == "1")
    }

    @Test func withoutAGatewayTheInvocationsIdIsTold() {
        let world = TestWorld()
        let answer = MumbleHandler.run(HTTPAPIEvent(), TestWorld.context, world.dependencies) {
            () throws(HandlerError) in throw .notFound("X", "x")
        }
        #expect(answer.document?["error"]?["requestId"] == .string(TestWorld.context.requestID))
    }

    @Test(arguments: [
        ("TransportError", 0, 503, "TableUnavailable"), ("ThrottlingException", 400, 503, "TableThrottled"),
        ("InternalServerError", 500, 503, "TableUnavailable"),
        ("ValidationException", 400, 500, "TableRefused"),
        ("AccessDeniedException", 400, 500, "TableRefused"),
    ])
    func tableErrors(_ code: String, _ status: Int, _ answered: Int, _ word: String) {
        let error = AWSServiceError(code: code, status: status, message: "m", body: nil, retryable: false)
        let translated = HandlerError(table: error, operation: "PutItem")
        #expect(translated.status == answered)
        #expect(translated.code == word)
        #expect(translated.detail == "PutItem: \(status) \(code): m")
    }
}
