import Clock
import HTTPTypes
import Net
import Testing

@testable import Gateway

/// Requests that are answered without a Task.
@Suite struct DirectTests {
    @EventLoop private final class Answer {
        var response: HTTPResponse?
    }

    private func api(_ outcome: FunctionOutcome = .notFound) throws -> HTTPAPI {
        let authorizer = HTTPAPIAuthorizer.lambda(.init(function: "a", ttlSeconds: 0), [], .v2)
        return try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "api", accountID: "000000000000", region: "us-east-1",
                authorizers: ["guard": authorizer],
                routes: [
                    HTTPAPIRoute(key: "GET /function", function: "f"),
                    HTTPAPIRoute(
                        key: "GET /backend", function: "",
                        settings: RouteSettings(url: "http://127.0.0.1:1/x")),
                    HTTPAPIRoute(
                        key: "GET /guarded", function: "f", settings: RouteSettings(authorizer: "guard")),
                ]),
            clock: ManualClock(Timestamp(seconds: 0)), send: { _ in .failure(.timedOut) },
            direct: DirectCalls(
                invoke: { _, _, _, deliver in deliver(outcome) },
                send: { _, deliver in deliver(.failure(.timedOut)) }),
            invoke: { _, _, _ in outcome })
    }

    @EventLoop private func answerAtOnce(_ api: HTTPAPI, _ request: HTTPRequest) -> HTTPResponse? {
        let answer = Answer()
        let isTaken = api.respond(to: request) { answer.response = $0 }
        #expect(isTaken == (answer.response != nil))
        return answer.response
    }

    @Test(arguments: [
        ("GET", "/function", FunctionOutcome.payload(Array(#"{"statusCode":201,"body":"ok"}"#.utf8))),
        ("GET", "/function", .functionError([])), ("GET", "/function", .throttled),
        ("GET", "/backend", .notFound), ("GET", "/nowhere", .notFound), ("PUT", "/function", .notFound),
    ])
    func answersAreThoseThatATaskGives(
        _ method: String, _ path: String, _ outcome: FunctionOutcome
    ) async throws {
        let api = try api(outcome)
        let request = HTTPRequest(method: method, target: path)
        let direct = try #require(await answerAtOnce(api, request))
        let awaited = await api.respond(to: request)
        #expect(direct.status == awaited.status)
        #expect(direct.body.bytes == awaited.body.bytes)
        #expect(direct.headers.map(\.name) == awaited.headers.map(\.name))
    }

    @Test func whatAnAuthorizerHasToSeeIsLeftToATask() async throws {
        let request = HTTPRequest(method: "GET", target: "/guarded")
        #expect(await answerAtOnce(try api(), request) == nil)
    }
}
