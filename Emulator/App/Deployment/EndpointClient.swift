import Bytes
import Clock
import Digests
import HTTPClient
import HTTPTypes
import JSON
import Net
import Signing

/// Signed requests to the services of an endpoint that is not AWS: Lambda, DynamoDB and S3 behind one address.
struct EndpointClient: Sendable {
    /// What a service answered.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        var json: JSONValue? { try? JSONValue.parse(body) }
        var isGood: Bool { (200...299).contains(status) }
    }

    let url: URLParts
    let region: String
    let credentials: Credentials
    private let http = HTTPClient(options: .init(readTimeoutMilliseconds: 120_000))

    /// - Parameter environment: its key pair counts, otherwise the manifest's.
    init(_ endpoint: String, manifest: Manifest, environment: [String: String]) throws(CommandFailure) {
        guard let url = URLParts(endpoint), url.path == "/", url.query.isEmpty else {
            throw CommandFailure(
                .usage,
                "--endpoint-url has to be an address such as http://127.0.0.1:4566, not '\(endpoint)'.")
        }
        guard !url.host.hasSuffix(".amazonaws.com"), !url.host.hasSuffix(".amazonaws.com.cn") else {
            throw CommandFailure(
                .usage, "--endpoint-url names AWS itself; leave it out, and CloudFormation deploys there.")
        }
        self.url = url
        region = manifest.region
        if let key = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"],
            !key.isEmpty, !secret.isEmpty
        {
            credentials = Credentials(
                accessKeyID: key, secretAccessKey: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
        } else {
            credentials = manifest.credentials
        }
    }

    /// - Throws: a failure with the code `unavailable` when nobody answers.
    func send(
        _ service: String, _ method: String, _ target: String, headers: HTTPHeaders = HTTPHeaders(),
        _ body: [UInt8] = []
    ) async throws -> Answer {
        let style: SigningStyle = service == "s3" ? .s3 : .standard
        let signer = SigV4Signer(credentials: credentials, region: region, service: service, style: style)
        var request = HTTPRequest(method: method, target: target, headers: headers, body: .bytes(body))
        request.headers.add("Host", url.hostHeader)
        signer.sign(&request, payload: .bytes(body), at: SystemClock().now)
        let (url, http) = (url, http)
        do {
            return try await runBlocking { [request] in
                let response = try http.send(request, to: url)
                return Answer(status: response.status, body: response.body.bytes ?? [])
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(
                .unavailable,
                "\(url.scheme)://\(url.hostHeader) does not answer: \(error). Is an emulator running there?")
        }
    }

    /// A request with a document and one in return.
    /// - Throws: a failure with the service's words, unless it answers with one of `accepted`.
    @discardableResult
    func lambda(
        _ method: String, _ path: String, _ document: JSONValue? = nil, accepted: Set<Int> = []
    ) async throws -> Answer {
        let headers: HTTPHeaders = document == nil ? HTTPHeaders() : ["Content-Type": "application/json"]
        let answer = try await send("lambda", method, path, headers: headers, document?.encoded() ?? [])
        return try check(answer, accepted, "Lambda's \(method) \(path)")
    }

    @discardableResult
    func dynamoDB(_ operation: String, _ input: JSONObject, accepted: Set<Int> = []) async throws -> Answer {
        let headers: HTTPHeaders = [
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.\(operation)",
        ]
        let answer = try await send("dynamodb", "POST", "/", headers: headers, input.encoded())
        return try check(answer, accepted, "DynamoDB's \(operation)")
    }

    @discardableResult
    func s3(_ method: String, _ target: String, _ body: [UInt8] = [], accepted: Set<Int> = []) async throws
        -> Answer
    {
        var headers = HTTPHeaders()
        if !body.isEmpty {
            headers.add("Content-Type", "application/xml")
            headers.add("Content-MD5", Base64.encode(MD5.hash(body)))
        }
        let answer = try await send("s3", method, target, headers: headers, body)
        return try check(answer, accepted, "S3's \(method) \(target)")
    }

    private func check(_ answer: Answer, _ accepted: Set<Int>, _ what: String) throws -> Answer {
        if answer.isGood || accepted.contains(answer.status) { return answer }
        throw CommandFailure(
            .failure,
            "\(what) was answered with \(answer.status): \(String(utf8: Array(answer.body.prefix(600))))")
    }
}
