import AWSClients
import Clock
import HTTPClient
import HTTPTypes
import Signing
import Synchronization

/// Answers from a list and remembers what was asked.
final class FakeTransport: HTTPSending {
    typealias Answer = Result<HTTPResponse, HTTPClientError>

    private let state: Mutex<(answers: [Answer], requests: [HTTPRequest], places: [URLParts])>

    init(_ answers: [Answer]) { state = Mutex((answers, [], [])) }

    convenience init(_ status: Int, _ body: String = "", headers: HTTPHeaders = [:]) {
        self.init([.success(HTTPResponse(status: status, headers: headers, body: .bytes(Array(body.utf8))))])
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var places: [URLParts] { state.withLock { $0.places } }

    func send(
        _ request: HTTPRequest, to url: URLParts, timeoutMilliseconds: Int?
    ) throws(HTTPClientError) -> HTTPResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            state.places.append(url)
            return state.answers.removeFirst()
        }
        return try answer.get()
    }
}

/// Delays instead of waiting; the random number is always the bound.
final class Delays: Sendable {
    private let list = Mutex<[Int]>([])
    var all: [Int] { list.withLock { $0 } }

    var policy: RetryPolicy {
        RetryPolicy(sleep: { [self] delay in list.withLock { $0.append(delay) } }, random: { $0 })
    }
}

enum Sample {
    static let clock = ManualClock(Timestamp(seconds: 1_767_323_045))  // 2026-01-02T03:04:05Z

    static func configuration(
        session: Bool = false, endpoint: String = "http://127.0.0.1:4566", pathStyle: Bool = true
    ) -> AWSConfiguration {
        let credentials =
            session
            ? Credentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                sessionToken: "TOKEN")
            : Credentials(accessKeyID: "test", secretAccessKey: "test")
        return AWSConfiguration(
            region: "us-east-1", credentials: credentials, dynamoDBEndpoint: URLParts(endpoint)!,
            s3Endpoint: URLParts(endpoint)!, s3PathStyle: pathStyle)
    }
}
