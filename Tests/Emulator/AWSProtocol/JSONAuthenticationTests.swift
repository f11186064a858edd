import Bytes
import Clock
import Digests
import Foundation
import HTTPTypes
import JSON
import Signing
import Testing

@testable import AWSProtocol

/// What JSON services accept and how they word each refusal.
@Suite struct JSONAuthenticationTests {
    private let bench = ProtocolBench()

    private func refusal(_ request: HTTPRequest) async throws -> (status: Int, code: String, message: String)
    {
        let response = await bench.send(request)
        let body = try JSONValue.parse(response.text)
        #expect(response.headers["x-amz-crc32"] == String(CRC32.checksum(response.text.bytes)))
        return (response.status, body["__type"]?.string ?? "", body["message"]?.string ?? "")
    }

    private func expect(
        _ request: HTTPRequest, _ code: String, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let got = try await refusal(request)
        #expect(got.status == 400, sourceLocation: sourceLocation)
        #expect(got.code == "com.amazon.coral.service#\(code)", sourceLocation: sourceLocation)
        #expect(got.message == message, sourceLocation: sourceLocation)
    }

    private func editing(_ request: HTTPRequest, _ old: String, _ new: String) -> HTTPRequest {
        var request = request
        let header = request.headers["Authorization"] ?? ""
        #expect(header.contains(old))
        let parts = header.components(separatedBy: old)
        request.headers["Authorization"] = parts.joined(separator: new)
        return request
    }

    @Test func acceptsASignedRequest() async {
        let response = await bench.send(ProtocolBench.tables(body: #"{"a":1}"#))
        #expect(response.status == 200)
        #expect(response.text == #"{"a":1}"#)
    }

    @Test func acceptsATemporaryKeyWithItsToken() async {
        let response = await bench.send(ProtocolBench.tables(credentials: ProtocolBench.temporary))
        #expect(response.status == 200)
    }

    @Test func acceptsFourteenMinutesOfSkewEitherWay() async {
        for minutes: Int64 in [-14, 14] {
            let time = ProtocolBench.now + minutes * 60_000
            #expect(await bench.send(ProtocolBench.tables(at: time)).status == 200)
        }
    }

    @Test func anyCredentialsWillDoWhenConfigured() async {
        let lenient = ProtocolBench(acceptAnyCredentials: true)
        var request = ProtocolBench.tables(
            credentials: Credentials(accessKeyID: "x", secretAccessKey: "y"), region: "eu-west-1")
        #expect(await lenient.send(request).status == 200)
        request.headers.remove("Authorization")
        #expect(await lenient.send(request).status == 200)
    }

    @Test func missingSignature() async throws {
        var request = ProtocolBench.tables()
        request.headers.remove("Authorization")
        try await expect(
            request, "MissingAuthenticationTokenException", "Request is missing Authentication Token")
        request.headers["Authorization"] = "Basic abc"
        try await expect(
            request, "MissingAuthenticationTokenException", "Request is missing Authentication Token")
    }

    @Test func unknownKey() async throws {
        try await expect(
            ProtocolBench.tables(
                credentials: Credentials(accessKeyID: "NOBODY", secretAccessKey: "secret")),
            "UnrecognizedClientException", "The security token included in the request is invalid.")
    }

    @Test func missingAndWrongSessionToken() async throws {
        for token in [nil, "token-2"] {
            let key = Credentials(
                accessKeyID: "ASIATEMP", secretAccessKey: "other", sessionToken: token)
            try await expect(
                ProtocolBench.tables(credentials: key), "UnrecognizedClientException",
                "The security token included in the request is invalid.")
        }
    }

    @Test func wrongSecretAndChangedBody() async throws {
        let message =
            "The request signature we calculated does not match the signature you provided. Check your "
            + "AWS Secret Access Key and signing method. Consult the service documentation for details."
        try await expect(
            ProtocolBench.tables(
                credentials: Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "wrong")),
            "InvalidSignatureException", message)
        var changed = ProtocolBench.tables(body: #"{"a":1}"#)
        changed.body = .bytes(Array(#"{"a":2}"#.utf8))
        try await expect(changed, "InvalidSignatureException", message)
    }

    @Test func tooOldAndTooNew() async throws {
        try await expect(
            ProtocolBench.tables(at: ProtocolBench.now - 16 * 60_000), "InvalidSignatureException",
            "Signature expired: 20260102T024805Z is now earlier than 20260102T024905Z "
                + "(20260102T030405Z - 15 min.)")
        try await expect(
            ProtocolBench.tables(at: ProtocolBench.now + 16 * 60_000), "InvalidSignatureException",
            "Signature not yet current: 20260102T032005Z is still later than 20260102T031905Z "
                + "(20260102T030405Z + 15 min.)")
    }

    @Test func wrongScope() async throws {
        try await expect(
            ProtocolBench.tables(region: "eu-west-1"), "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'. ")
        try await expect(
            ProtocolBench.tables(service: "s3"), "InvalidSignatureException",
            "Credential should be scoped to correct service: 'dynamodb'. ")
        let signed = ProtocolBench.tables()
        try await expect(
            editing(signed, "aws4_request", "aws5"), "InvalidSignatureException",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ")
        try await expect(
            editing(signed, "/20260102/", "/20260103/"), "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + "'20260103' != '20260102', from '20260102T030405Z'.")
        try await expect(
            editing(signed, "/20260102/", "/"), "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. "
                + "keyid/date/region/service/term, got 'AKIDTEST/us-east-1/dynamodb/aws4_request'")
    }

    /// What is remembered of a credential must not spare a later request any check.
    @Test func aCredentialThatWasGoodIsCheckedAgain() async throws {
        let temporary = ProtocolBench.temporary
        #expect(await bench.send(ProtocolBench.tables(credentials: temporary)).status == 200)
        var keys = [temporary, temporary, temporary]
        keys[0].sessionToken = nil
        keys[1].sessionToken = "token-2"
        keys[2].secretAccessKey = "wrong"
        for key in keys {
            #expect(try await refusal(ProtocolBench.tables(credentials: key)).status == 400)
        }
        let late = ProtocolBench.tables(credentials: temporary, at: ProtocolBench.now - 16 * 60_000)
        #expect(try await refusal(late).message.hasPrefix("Signature expired"))
        var changed = ProtocolBench.tables(body: #"{"a":1}"#, credentials: temporary)
        changed.body = .bytes(Array(#"{"a":2}"#.utf8))
        #expect(try await refusal(changed).code.hasSuffix("InvalidSignatureException"))
        #expect(await bench.send(ProtocolBench.tables(credentials: temporary)).status == 200)
    }

    /// Nor may what is remembered of a header change how the next one is read.
    @Test func aHeaderLikeThatOfAGoodRequestIsReadAnew() async throws {
        let good = ProtocolBench.tables()
        for _ in 0..<3 { #expect(await bench.send(good).status == 200) }
        let header = good.headers["Authorization"] ?? ""
        let signature = String(header.suffix(64))
        let wrong = String(repeating: "0", count: 64)
        #expect(
            try await refusal(editing(good, signature, wrong)).code.hasSuffix("InvalidSignatureException"))
        #expect(
            try await refusal(editing(good, signature, "")).code.hasSuffix("IncompleteSignatureException"))
        #expect(await bench.send(editing(good, signature, "\(signature), Signature=\(wrong)")).status == 200)
        let first = editing(good, ", Signature=\(signature)", "")
        #expect(
            await bench.send(editing(first, " Credential", " Signature=\(signature), Credential")).status
                == 200)
        #expect(await bench.send(good).status == 200)
    }

    @Test func incompleteHeader() async throws {
        var request = ProtocolBench.tables()
        request.headers["Authorization"] = "AWS4-HMAC-SHA256 Foo=bar"
        request.headers.remove("X-Amz-Date")
        try await expect(
            request, "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. "
                + "Authorization header requires 'Signature' parameter. "
                + "Authorization header requires 'SignedHeaders' parameter. "
                + "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                + "Authorization=AWS4-HMAC-SHA256")
    }

    @Test func hostMustBeSigned() async throws {
        try await expect(
            editing(ProtocolBench.tables(), "host;", ""), "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }

    @Test func headerAndQueryTogether() async throws {
        var request = ProtocolBench.tables()
        request.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        try await expect(
            request, "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    }

    @Test func incompleteQuery() async throws {
        var request = ProtocolBench.tables()
        request.headers.remove("Authorization")
        request.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260102T030405Z"
        try await expect(
            request, "IncompleteSignatureException",
            "AWS query-string parameters must include 'X-Amz-Credential'. "
                + "AWS query-string parameters must include 'X-Amz-Signature'. "
                + "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
                + "Re-examine the query-string parameters.")
    }

    @Test func lambdaRefusesWith403() async {
        let response = await bench.send(
            HTTPRequest(
                method: "POST", target: "/2015-03-31/functions/f/invocations",
                headers: ["Host": "localhost"]))
        #expect(response.status == 403)
        #expect(response.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException")
    }
}
