import Bytes
import Glibc
import Synchronization
import Testing

@testable import LambdaRuntime

private struct OutOfFilm: Error {}

/// The runtime against a scripted Runtime API over real sockets. Serialised, since the trace id lives in
/// the environment of the whole process.
@Suite(.serialized) struct ServeTests {
    private let accepted = FakeRuntimeAPI.Step.answer(status: "202 Accepted", body: #"{"status":"OK"}"#)

    private func serve(
        _ api: FakeRuntimeAPI, pipelines: Bool = false, _ makeHandler: () throws -> EventHandler
    ) throws -> Int32 {
        LambdaRuntime.serve(
            try #require(ControlPlane(endpoint: api.endpoint)), RuntimeLoop(pipelines: pipelines), makeHandler
        )
    }

    private func lines(_ requests: [String]) -> [String] {
        requests.map { String($0.prefix { $0 != "\r\n" }.dropLast(" HTTP/1.1".count)) }
    }

    private func body(_ request: String) -> String {
        request.firstRange(of: "\r\n\r\n").map { String(request[$0.upperBound...]) } ?? ""
    }

    @Test(arguments: [false, true]) func twoInvocationsThenTheEnd(_ pipelines: Bool) throws {
        let api = FakeRuntimeAPI([
            .event(id: "one", body: "a", trace: "Root=1"), accepted, .event(id: "two", body: "b", trace: nil),
            accepted, .drop,
        ])
        let traces = Mutex<[String?]>([])
        let code = try serve(api, pipelines: pipelines) {
            { event, context in
                traces.withLock { $0.append(getenv("_X_AMZN_TRACE_ID").map { String(cString: $0) }) }
                #expect(context.remainingMilliseconds > 1_000_000)
                return event + context.requestID.bytes
            }
        }
        let seen = api.finish()
        #expect(code == 0)
        #expect(
            lines(seen.requests) == [
                "GET /2018-06-01/runtime/invocation/next",
                "POST /2018-06-01/runtime/invocation/one/response",
                "GET /2018-06-01/runtime/invocation/next",
                "POST /2018-06-01/runtime/invocation/two/response",
                "GET /2018-06-01/runtime/invocation/next",
            ])
        #expect(body(seen.requests[1]) == "aone" && body(seen.requests[3]) == "btwo")
        #expect(traces.withLock { $0 } == ["Root=1", nil])
        #expect(seen.connections == 1)
        #expect(seen.reads == (pipelines ? [1, 2, 2] : [1, 1, 1, 1, 1]))
    }

    @Test func handlerErrorFailsOneInvocation() throws {
        let api = FakeRuntimeAPI([
            .event(id: "one", body: "a", trace: nil), accepted, .event(id: "two", body: "b", trace: nil),
            accepted, .drop,
        ])
        let calls = Mutex(0)
        let code = try serve(api) {
            { event, _ in
                let isFirst = calls.withLock { count -> Bool in
                    count += 1
                    return count == 1
                }
                if isFirst { throw OutOfFilm() }
                return event
            }
        }
        let seen = api.finish()
        #expect(code == 0)
        #expect(lines(seen.requests)[1] == "POST /2018-06-01/runtime/invocation/one/error")
        #expect(seen.requests[1].contains("Lambda-Runtime-Function-Error-Type: Function.Unhandled\r\n"))
        #expect(
            body(seen.requests[1])
                == #"{"errorMessage":"OutOfFilm()","errorType":"OutOfFilm","stackTrace":[]}"#)
        #expect(lines(seen.requests)[3] == "POST /2018-06-01/runtime/invocation/two/response")
    }

    @Test func initErrorExitsWith1() throws {
        let api = FakeRuntimeAPI([accepted])
        let code = try serve(api) { throw OutOfFilm() }
        let seen = api.finish()
        #expect(code == 1)
        #expect(lines(seen.requests) == ["POST /2018-06-01/runtime/init/error"])
        #expect(seen.requests[0].contains("Lambda-Runtime-Function-Error-Type: Runtime.InitError\r\n"))
    }

    @Test(arguments: [false, true]) func refusedResponseGoesOn(_ pipelines: Bool) throws {
        let api = FakeRuntimeAPI([
            .event(id: "one", body: "a", trace: nil),
            .answerAndClose(status: "413 Request Entity Too Large", body: "big"),
            .event(id: "two", body: "b", trace: nil), accepted, .drop,
        ])
        let code = try serve(api, pipelines: pipelines) { { event, _ in event } }
        let seen = api.finish()
        #expect(code == 0)
        #expect(lines(seen.requests).contains("POST /2018-06-01/runtime/invocation/two/response"))
        #expect(seen.connections == 2)
    }

    @Test func containerErrorExitsWith1() throws {
        let api = FakeRuntimeAPI([.answer(status: "500 Internal Server Error", body: "broken")])
        #expect(try serve(api) { { event, _ in event } } == 1)
        #expect(api.finish().requests.count == 1)
    }

    @Test func unreachableRuntimeAPIExitsWith1() throws {
        // Nobody listens there; a port that was freed may be another's by now.
        let plane = try #require(ControlPlane(endpoint: "127.0.0.1:1"))
        let code = LambdaRuntime.serve(plane, RuntimeLoop(pipelines: false)) { { event, _ in event } }
        #expect(code == 1)
    }

    @Test(arguments: ["", "no port:", "a b:1", "h:99999"]) func malformedEndpoint(_ text: String) {
        #expect(ControlPlane(endpoint: text) == nil)
    }
}
