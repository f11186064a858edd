import Bytes
import Clock
import HTTPTypes
import JSON
import Signing

@testable import AWSProtocol

/// An endpoint with three small services, and a client that signs for them.
struct ProtocolBench {
    static let now = Timestamp(iso8601Basic: "20260102T030405Z")!
    static let key = Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "secret")
    static let temporary = Credentials(
        accessKeyID: "ASIATEMP", secretAccessKey: "other", sessionToken: "token-1")

    var endpoint: AWSEndpoint

    init(acceptAnyCredentials: Bool = false) {
        let tables = JSONService(
            targetPrefix: "DynamoDB_20120810", signingName: "dynamodb",
            healthText: "healthy: dynamodb.us-east-1.amazonaws.com ",
            knows: { ["Echo", "Fail", "Cancel"].contains($0) },
            namespace: { _ in "com.amazonaws.dynamodb.v20120810" },
            handle: { operation, input, context async throws(AWSError) -> JSONValue in
                switch operation {
                case "Fail":
                    throw AWSError(
                        code: "ResourceNotFoundException", message: "Requested resource not found")
                case "Cancel":
                    throw AWSError(
                        code: "TransactionCanceledException", message: "cancelled",
                        members: ["CancellationReasons": [["Code": "None"]]])
                default: return .object(input)
                }
            })
        let objects = RESTService(
            signingName: "s3", style: .s3, matches: { _ in true },
            handle: { request, context in
                let who =
                    switch context.identity {
                    case .anonymous: "anonymous"
                    case .signed(let key): key
                    }
                return HTTPResponse(status: 200, headers: ["x-who": who], body: .bytes("s3".bytes))
            },
            encodeError: { RESTXMLError.response(for: $0, request: $1, context: $2) },
            admit: { head, context in
                context.identity == .anonymous
                    ? .refuse(HTTPResponse(status: 403)) : .take(maxBytes: head.rawQuery.isEmpty ? 1_000 : 10)
            },
            subresources: ["acl", "retention", "uploads"])
        let functions = RESTService(
            signingName: "lambda", style: .lambda, matches: { $0.path.hasPrefix("/2015-03-31/") },
            handle: { _, _ in HTTPResponse(status: 200, body: .bytes("lambda".bytes)) },
            encodeError: { error, _, _ in
                HTTPResponse(
                    status: error.status, headers: ["x-amzn-ErrorType": error.code],
                    body: .bytes((error.message ?? "").bytes))
            })
        endpoint = AWSEndpoint(
            configuration: .init(
                region: "us-east-1", accountID: "000000000000", credentials: [Self.key, Self.temporary],
                acceptAnyCredentials: acceptAnyCredentials),
            jsonServices: [tables], restServices: [functions, objects], clock: ManualClock(Self.now))
    }

    func send(_ request: HTTPRequest) async -> (status: Int, headers: HTTPHeaders, text: String) {
        let response = await endpoint.respond(to: request)
        return (response.status, response.headers, String(utf8: response.body.bytes ?? []))
    }

    /// A signed request to the tables service.
    static func tables(
        _ operation: String = "Echo", body: String = "{}", credentials: Credentials = key,
        region: String = "us-east-1", service: String = "dynamodb", at time: Timestamp = now
    ) -> HTTPRequest {
        var request = HTTPRequest(
            method: "POST", target: "/",
            headers: [
                "Host": "localhost:4566", "X-Amz-Target": "DynamoDB_20120810.\(operation)",
                "Content-Type": "application/x-amz-json-1.0",
            ], body: .bytes(body.bytes))
        SigV4Signer(credentials: credentials, region: region, service: service, style: .standard)
            .sign(&request, payload: .bytes(body.bytes), at: time)
        return request
    }

    /// A signed request to S3.
    static func objects(
        _ method: String = "GET", _ target: String = "/bucket/a%20b/../c?x=1", body: String = "",
        payload: PayloadHash? = nil, headers: [(String, String)] = [], credentials: Credentials = key,
        region: String = "us-east-1", service: String = "s3", at time: Timestamp = now
    ) -> HTTPRequest {
        var request = HTTPRequest(
            method: method, target: target, headers: HTTPHeaders([("Host", "localhost:4566")] + headers),
            body: .bytes(body.bytes))
        SigV4Signer(credentials: credentials, region: region, service: service, style: .s3)
            .sign(&request, payload: payload ?? .bytes(body.bytes), at: time)
        return request
    }

    /// A request with a presigned URL.
    static func presigned(
        _ method: String = "GET", path: String = "/bucket/key", query: [QueryItem] = [],
        expiresIn: Int = 60, credentials: Credentials = key, region: String = "us-east-1",
        at time: Timestamp = now, headers: [(String, String)] = []
    ) -> HTTPRequest {
        let url = SigV4Signer(credentials: credentials, region: region, service: "s3", style: .s3)
            .presign(
                method: method, url: ("http", "localhost:4566", path), query: query, expiresIn: expiresIn,
                at: time)
        return HTTPRequest(
            method: method, target: String(url.dropFirst("http://localhost:4566".count)),
            headers: HTTPHeaders([("Host", "localhost:4566")] + headers))
    }
}
