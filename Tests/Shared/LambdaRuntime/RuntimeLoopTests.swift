import Bytes
import Clock
import HTTPTypes
import Testing

@testable import LambdaRuntime

private struct OutOfFilm: Error, CustomStringConvertible { let description = "no film" }

@Suite struct RuntimeLoopTests {
    private let invocation = Invocation(
        requestID: "r1", functionARN: "arn", traceID: nil, deadline: Timestamp(milliseconds: 5),
        clientContext: nil, event: [1])
    private let report = ErrorReport(OutOfFilm(), category: "Function.Unhandled")

    @Test func oneRequestAtATime() {
        var loop = RuntimeLoop(pipelines: false)
        #expect(loop.started(nil) == .send([.next]))
        #expect(loop.received(.invocation(invocation)) == .invoke(invocation))
        #expect(loop.finished(.success([2])) == .send([.response(requestID: "r1", body: [2])]))
        #expect(loop.received(.accepted) == .send([.next]))
        #expect(loop.received(.invocation(invocation)) == .invoke(invocation))
        #expect(loop.finished(.failure(report)) == .send([.invocationError(requestID: "r1", report)]))
        #expect(loop.received(.accepted) == .send([.next]))
        #expect(loop.takeNotes() == [])
    }

    @Test func responseAndNextPollTogether() {
        var loop = RuntimeLoop(pipelines: true)
        #expect(loop.started(nil) == .send([.next]))
        #expect(loop.received(.invocation(invocation)) == .invoke(invocation))
        #expect(loop.finished(.success([2])) == .send([.response(requestID: "r1", body: [2]), .next]))
        #expect(loop.received(.accepted) == nil)
        #expect(loop.received(.invocation(invocation)) == .invoke(invocation))
    }

    @Test(arguments: [false, true]) func refusedResultIsLoggedAndServiceGoesOn(_ pipelines: Bool) {
        var loop = RuntimeLoop(pipelines: pipelines)
        _ = loop.started(nil)
        _ = loop.received(.invocation(invocation))
        _ = loop.finished(.success([]))
        let next = loop.received(.refused(status: 413, reason: "too large"))
        #expect(next == (pipelines ? nil : .send([.next])))
        #expect(loop.takeNotes() == ["the Runtime API refused the result with 413: too large"])
        #expect(loop.takeNotes() == [])
    }

    @Test func containerErrorEndsTheProcess() {
        for prepare in [{ (_: inout RuntimeLoop) in }, { _ = $0.received(.invocation(self.invocation)) }] {
            var loop = RuntimeLoop(pipelines: false)
            _ = loop.started(nil)
            prepare(&loop)
            #expect(
                loop.received(.containerError(reason: "500 x"))
                    == .exit(code: 1, message: "the Runtime API failed: 500 x"))
        }
    }

    @Test func initErrorIsPostedThenTheProcessEnds() {
        var loop = RuntimeLoop(pipelines: true)
        #expect(loop.started(report) == .send([.initError(report)]))
        #expect(loop.received(.accepted) == .exit(code: 1, message: nil))
    }

    @Test func endOfTheRuntimeAPI() {
        var loop = RuntimeLoop(pipelines: false)
        _ = loop.started(nil)
        #expect(loop.disconnected(reached: true, reason: "x") == .exit(code: 0, message: nil))
        #expect(
            loop.disconnected(reached: false, reason: "x")
                == .exit(code: 1, message: "cannot reach the Runtime API: x"))
        var failing = RuntimeLoop(pipelines: false)
        _ = failing.started(report)
        #expect(failing.disconnected(reached: true, reason: "x") == .exit(code: 1, message: nil))
    }

    @Test func answersOutOfTurn() {
        var loop = RuntimeLoop(pipelines: false)
        _ = loop.started(nil)
        #expect(loop.received(.accepted) == .exit(code: 1, message: "the Runtime API answered out of turn"))
        var early = RuntimeLoop(pipelines: false)
        _ = early.started(nil)
        #expect(
            early.received(.refused(status: 403, reason: "no"))
                == .exit(code: 1, message: "the Runtime API refused to hand out events with 403: no"))
    }
}

@Suite struct ControlPlaneMessageTests {
    private func wire(_ request: ControlPlaneRequest) -> String {
        var bytes: [UInt8] = []
        request.encode(into: &bytes, host: "127.0.0.1:9001")
        return String(utf8: bytes)
    }

    @Test func requestsOnTheWire() {
        #expect(
            wire(.next)
                == "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUser-Agent: mumble-serverless\r\n\r\n"
        )
        #expect(
            wire(.response(requestID: "a-b", body: Array("{}".utf8)))
                == "POST /2018-06-01/runtime/invocation/a-b/response HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
        let body = #"{"errorMessage":"no film","errorType":"OutOfFilm","stackTrace":[]}"#
        let tail =
            "Host: 127.0.0.1:9001\r\nContent-Type: application/json\r\nLambda-Runtime-Function-Error-Type: Function.Unhandled\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let report = ErrorReport(OutOfFilm(), category: "Function.Unhandled")
        #expect(
            wire(.invocationError(requestID: "a-b", report))
                == "POST /2018-06-01/runtime/invocation/a-b/error HTTP/1.1\r\n\(tail)")
        #expect(wire(.initError(report)) == "POST /2018-06-01/runtime/init/error HTTP/1.1\r\n\(tail)")
    }

    private let headers: HTTPHeaders = [
        "Lambda-Runtime-Aws-Request-Id": "8476a536", "Lambda-Runtime-Deadline-Ms": "1542409706888",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:f",
        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7", "Lambda-Runtime-Client-Context": #"{"a":1}"#,
    ]

    @Test func eventWithAllItsHeaders() {
        let response = HTTPResponse(status: 200, headers: headers, body: .bytes([7]))
        #expect(
            ControlPlaneResponse(response, to: .next)
                == .invocation(
                    Invocation(
                        requestID: "8476a536", functionARN: "arn:aws:lambda:us-east-1:1:function:f",
                        traceID: "Root=1-5bef4de7", deadline: Timestamp(milliseconds: 1_542_409_706_888),
                        clientContext: #"{"a":1}"#, event: [7])))
    }

    @Test(
        arguments: [
            ("Lambda-Runtime-Aws-Request-Id", nil), ("Lambda-Runtime-Aws-Request-Id", "a b"),
            ("Lambda-Runtime-Deadline-Ms", nil), ("Lambda-Runtime-Deadline-Ms", "soon"),
        ] as [(String, String?)])
    func eventWithoutWhatItNeeds(_ name: String, _ value: String?) {
        var broken = headers
        broken[name] = value
        let answer = ControlPlaneResponse(HTTPResponse(status: 200, headers: broken), to: .next)
        guard case .unintelligible(let reason) = answer else {
            Issue.record("got \(answer)")
            return
        }
        #expect(reason.contains(name))
    }

    @Test func statuses() {
        let result = ControlPlaneRequest.response(requestID: "r", body: [])
        #expect(ControlPlaneResponse(HTTPResponse(status: 202), to: result) == .accepted)
        #expect(
            ControlPlaneResponse(HTTPResponse(status: 413, body: .bytes([120])), to: result)
                == .refused(status: 413, reason: "x"))
        #expect(
            ControlPlaneResponse(HTTPResponse(status: 500), to: result) == .containerError(reason: "500 "))
        #expect(
            ControlPlaneResponse(HTTPResponse(status: 302), to: .next)
                == .unintelligible("status 302 to GET"))
        #expect(
            ControlPlaneResponse(HTTPResponse(status: 202), to: .next)
                == .unintelligible("status 202 to GET"))
    }
}
