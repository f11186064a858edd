import Bytes
import Clock
import Foundation
import HTTPTypes
import Testing

@testable import Signing

struct BotocoreVector: Sendable {
    let service: String
    let method: String
    let path: String
    let query: [(String, String)]
    let headers: [(String, String)]
    /// With the session token.
    let temporary: Bool
    let presignedSignature: String
    let presignedHeaders: String
    let authorization: String

    var signer: SigV4Signer {
        SigV4Signer(
            credentials: temporary
                ? Credentials(
                    accessKeyID: "ASIAEXAMPLE", secretAccessKey: "secret/+key", sessionToken: "tok+en/==&x y")
                : Credentials(
                    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "eu-west-1", service: service, style: service == "s3" ? .s3 : .standard)
    }
}

@Suite struct BotocoreTests {
    static let time = Timestamp(iso8601: "2026-01-02T03:04:05Z")!
    static let host = "example.amazonaws.com:8443"

    @Test(arguments: botocoreVectors)
    func header(_ vector: BotocoreVector) throws {
        let items = vector.query.map { QueryItem($0, $1) }
        let body = vector.method == "GET" ? [] : "hello".bytes
        var request = HTTPRequest(
            method: vector.method, target: vector.path + (items.isEmpty ? "" : "?" + Query.encode(items)),
            headers: HTTPHeaders([("Host", BotocoreTests.host)] + vector.headers), body: .bytes(body))
        vector.signer.sign(&request, payload: .bytes(body), at: BotocoreTests.time)
        let authorization = try #require(request.headers["Authorization"])
        #expect(authorization.hasSuffix(vector.authorization), "\(authorization)")
        #expect(request.headers["X-Amz-Security-Token"] == vector.signer.credentials.sessionToken)
    }

    @Test(arguments: botocoreVectors)
    func query(_ vector: BotocoreVector) {
        let url = vector.signer.presign(
            method: vector.method, url: (scheme: "https", host: BotocoreTests.host, path: vector.path),
            query: vector.query.map { QueryItem($0, $1) }, headers: HTTPHeaders(vector.headers),
            expiresIn: 900,
            at: BotocoreTests.time)
        #expect(url.hasSuffix("&X-Amz-Signature=" + vector.presignedSignature), "\(url)")
        let names = vector.presignedHeaders.replacingOccurrences(of: ";", with: "%3B")
        #expect(url.contains("&X-Amz-SignedHeaders=\(names)&"))
        #expect(url.contains("&X-Amz-Expires=900&"))
    }

    /// Fields that proxies and clients rewrite on the way must not break the signature.
    @Test func hopByHopFieldsAreNotSigned() throws {
        var request = HTTPRequest(
            headers: [
                "Host": "h", "User-Agent": "x", "Connection": "close", "Expect": "100-continue",
                "X-Amzn-Trace-Id": "Root=1", "Authorization": "old",
            ])
        botocoreVectors[0].signer.sign(&request, payload: .unsigned, at: BotocoreTests.time)
        let authorization = try #require(request.headers["Authorization"])
        #expect(authorization.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"))
        #expect(request.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD")
        #expect(request.headers.values("Authorization").count == 1)
    }
}
