import Clock
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import Gateway

@Suite struct HTTPAPITests {
    private static let cors = CORSConfiguration(
        allowOrigins: ["https://app.example", "http://*"], allowMethods: ["GET", "POST"],
        allowHeaders: ["content-type"],
        exposeHeaders: ["etag"], maxAge: 600)

    private func gateway(
        routes: [String] = ["GET /a", "POST /a"], cors: CORSConfiguration? = HTTPAPITests.cors,
        outcome: FunctionOutcome = .payload(Array(#"{"statusCode":200,"body":"ok"}"#.utf8))
    ) throws -> HTTPAPI {
        try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "api", accountID: "000000000000", region: "us-east-1", cors: cors,
                routes: routes.map { HTTPAPIRoute(key: $0, function: "f") }),
            clock: ManualClock(Timestamp(seconds: 0))
        ) { _, _, _ in outcome }
    }

    private func text(_ response: HTTPResponse) -> String {
        String(decoding: response.body.bytes ?? [], as: UTF8.self)
    }

    @Test(arguments: [
        (FunctionOutcome.functionError([]), 500, #"{"message":"Internal Server Error"}"#),
        (.notFound, 500, #"{"message":"Internal Server Error"}"#),
        (.payload(Array("nonsense".utf8)), 500, #"{"message":"Internal Server Error"}"#),
        (.throttled, 503, #"{"message":"Service Unavailable"}"#),
        (.timedOut, 503, #"{"message":"Service Unavailable"}"#),
        (.payloadTooLarge, 413, #"{"message":"Request Entity Too Large"}"#),
    ])
    func failuresAreAWSsAnswers(_ outcome: FunctionOutcome, _ status: Int, _ body: String) async throws {
        let response = try await gateway(outcome: outcome).respond(
            to: HTTPRequest(method: "GET", target: "/a"))
        #expect(response.status == status)
        #expect(text(response) == body)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["apigw-requestid"]?.hasSuffix("=") == true)
    }

    @Test(arguments: [("GET", "/b"), ("DELETE", "/a"), ("HEAD", "/a"), ("OPTIONS", "/a")])
    func unknownRouteOrMethodIs404(_ method: String, _ path: String) async throws {
        let response = try await gateway().respond(to: HTTPRequest(method: method, target: path))
        #expect(response.status == 404)
        #expect(text(response) == #"{"message":"Not Found"}"#)
    }

    @Test func largeBodyAndHeadersAreRefused() async throws {
        let body = [UInt8](repeating: 0x20, count: (10 << 20) + 1)
        let large = try await gateway().respond(
            to: HTTPRequest(method: "POST", target: "/a", body: .bytes(body)))
        #expect(large.status == 413)
        let headers: HTTPHeaders = ["x": String(repeating: "y", count: 10_300)]
        let wide = try await gateway().respond(to: HTTPRequest(method: "GET", target: "/a", headers: headers))
        #expect(wide.status == 431)
    }

    /// An API with named stages only, and one line in its log for each request.
    private func staged(_ lines: @escaping @Sendable (String) -> Void = { _ in }) throws -> HTTPAPI {
        let log = AccessLog(
            try AccessLogFormat("$context.stage $context.status $context.requestId"), write: lines)
        return try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "api", accountID: "0", region: "r",
                stages: [HTTPAPIStage(name: "dev", accessLog: log)], cors: Self.cors,
                routes: [HTTPAPIRoute(key: "GET /a", function: "f")]),
            clock: ManualClock(Timestamp(seconds: 0))
        ) { _, _, _ in .payload(Array("{}".utf8)) }
    }

    @Test func aPreflightToNoStageIsNotFound() async throws {
        let gateway = try staged()
        #expect(await gateway.respond(to: preflight("https://app.example")).status == 404)
        var known = preflight("https://app.example")
        known.target = "/dev/a"
        #expect(await gateway.respond(to: known).status == 204)
    }

    @Test func headersThatAreTooLargeAreInTheLog() async throws {
        let lines = Mutex<[String]>([])
        let gateway = try staged { line in lines.withLock { $0.append(line) } }
        let wide: HTTPHeaders = ["x": String(repeating: "y", count: 10_300)]
        let answer = await gateway.respond(to: HTTPRequest(method: "GET", target: "/dev/a", headers: wide))
        #expect(answer.status == 431)
        #expect(lines.withLock { $0.count } == 1)
        #expect(lines.withLock { $0.first?.hasPrefix("dev 431 ") } == true)
    }

    private func preflight(_ origin: String) -> HTTPRequest {
        HTTPRequest(
            method: "OPTIONS", target: "/anything",
            headers: ["Origin": origin, "Access-Control-Request-Method": "POST"])
    }

    @Test func preflightIsAnsweredByTheGateway() async throws {
        let response = try await gateway().respond(to: preflight("https://app.example"))
        #expect(response.status == 204)
        #expect(response.headers["access-control-allow-origin"] == "https://app.example")
        #expect(response.headers["access-control-allow-methods"] == "GET,POST")
        #expect(response.headers["access-control-allow-headers"] == "content-type")
        #expect(response.headers["access-control-max-age"] == "600")
    }

    @Test func unlistedOriginGetsNoCORSHeader() async throws {
        let response = try await gateway().respond(to: preflight("https://evil.example"))
        #expect(response.status == 204)
        #expect(!response.headers.contains { $0.name.hasPrefix("access-control") })
        var request = HTTPRequest(method: "GET", target: "/a")
        request.headers["Origin"] = "https://evil.example"
        let actual = try await gateway().respond(to: request)
        #expect(actual.status == 200)
        #expect(!actual.headers.contains { $0.name.hasPrefix("access-control") })
    }

    @Test func explicitOptionsRouteAndDefaultTakePreflights() async throws {
        for routes in [["OPTIONS /{p+}"], ["$default"]] {
            let response = try await gateway(routes: routes).respond(to: preflight("https://app.example"))
            #expect(response.status == 200)
            #expect(text(response) == "ok")
        }
        let any = try await gateway(routes: ["ANY /{p+}"]).respond(to: preflight("https://app.example"))
        #expect(any.status == 204)
    }

    /// "Configure CORS for HTTP APIs": the gateway ignores CORS headers of an integration, here too.
    @Test func functionsCORSHeadersAreReplacedInPreflightsToo() async throws {
        let payload = #"{"statusCode":204,"headers":{"Access-Control-Allow-Origin":"*"}}"#
        let gateway = try gateway(routes: ["OPTIONS /{p+}"], outcome: .payload(Array(payload.utf8)))
        let listed = await gateway.respond(to: preflight("https://app.example"))
        #expect(listed.headers.values("access-control-allow-origin") == ["https://app.example"])
        let unlisted = await gateway.respond(to: preflight("https://evil.example"))
        #expect(!unlisted.headers.contains { $0.name.hasPrefix("access-control") })
    }

    @Test func functionsCORSHeadersAreReplaced() async throws {
        let payload = #"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*","x":"1"},"body":""}"#
        let gateway = try gateway(outcome: .payload(Array(payload.utf8)))
        var request = HTTPRequest(method: "GET", target: "/a", headers: ["Origin": "http://localhost:8080"])
        let response = await gateway.respond(to: request)
        #expect(response.headers.values("access-control-allow-origin") == ["http://localhost:8080"])
        #expect(response.headers["access-control-expose-headers"] == "etag")
        #expect(response.headers["x"] == "1")
        request.headers["Origin"] = nil
        #expect(await gateway.respond(to: request).headers["access-control-allow-origin"] == nil)
        let missing = await gateway.respond(
            to: HTTPRequest(method: "GET", target: "/b", headers: ["Origin": "https://app.example"]))
        #expect(missing.headers["access-control-allow-origin"] == "https://app.example")
    }

    @Test func withoutConfigurationTheFunctionRules() async throws {
        let payload = #"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}}"#
        let gateway = try gateway(cors: nil, outcome: .payload(Array(payload.utf8)))
        let response = await gateway.respond(
            to: HTTPRequest(method: "GET", target: "/a", headers: ["Origin": "o"]))
        #expect(response.headers["access-control-allow-origin"] == "*")
        let preflight = await gateway.respond(to: preflight("o"))
        #expect(preflight.status == 404)
    }

    @Test func functionGetsNameEventAndTimeout() async throws {
        let seen = Mutex<[String]>([])
        let gateway = try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "api", accountID: "0", region: "r",
                routes: [HTTPAPIRoute(key: "GET /x/{y}", function: "named")]),
            clock: ManualClock(Timestamp(seconds: 0))
        ) { function, event, timeout in
            let path = (try? JSONValue.parse(event))?["pathParameters"]?["y"]?.string ?? ""
            seen.withLock { $0 = [function, path, "\(timeout)"] }
            return .payload(Array("{}".utf8))
        }
        _ = await gateway.respond(to: HTTPRequest(method: "GET", target: "/x/1%2F2"))
        #expect(seen.withLock { $0 } == ["named", "1/2", "30000"])
    }
}
