import HTTPClient
import HTTPTypes
import Mumble
import Synchronization
import Testing

/// Answers every request alike and keeps the last one.
private final class OneAnswer: HTTPSending {
    let result: Result<Int, HTTPClientError>
    private let last = Mutex<(target: String, authorization: String?)?>(nil)
    var request: (target: String, authorization: String?)? { last.withLock { $0 } }

    init(_ result: Result<Int, HTTPClientError>) { self.result = result }

    func send(
        _ request: HTTPRequest, to url: URLParts, timeoutMilliseconds: Int?
    ) throws(HTTPClientError) -> HTTPResponse {
        last.withLock { $0 = (request.target, request.headers["authorization"]) }
        return HTTPResponse(status: try result.get())
    }
}

@Suite struct ProviderProbeTests {
    private func probe(
        _ result: Result<Int, HTTPClientError>, configured: Bool = true, strict: Bool = true
    ) -> (HTTPProbe, OneAnswer) {
        let http = OneAnswer(result)
        let probe = HTTPProbe(
            name: "p", url: "http://127.0.0.1:9/v1/models", headers: ["authorization": "Bearer k"],
            isConfigured: configured, unauthorizedMeansFailure: strict, http: http)
        return (probe, http)
    }

    @Test(
        arguments: [
            (200, nil), (404, nil), (429, nil), (401, "unauthorized"), (403, "unauthorized"),
            (500, "failing"),
            (503, "failing"),
        ] as [(Int, String?)])
    func statuses(_ status: Int, _ word: String?) {
        #expect(probe(.success(status)).0.failure() == word)
    }

    @Test func withoutAKeyARefusalIsAnAnswer() {
        #expect(probe(.success(401), strict: false).0.failure() == nil)
        #expect(probe(.success(500), strict: false).0.failure() == "failing")
    }

    @Test func noWayThere() {
        #expect(probe(.failure(.closed)).0.failure() == "unreachable")
    }

    @Test func unconfiguredIsNotAsked() {
        let (probe, http) = probe(.success(200), configured: false)
        #expect(probe.failure() == "notConfigured")
        #expect(http.request == nil)
    }

    @Test func keyAndPathAreSent() {
        let (probe, http) = probe(.success(200))
        #expect(probe.failure() == nil)
        #expect(http.request?.target == "/v1/models")
        #expect(http.request?.authorization == "Bearer k")
    }
}
