import Bytes
import Clock
import HTTPTypes
import Signing
import Testing

@testable import AWSProtocol

/// What is said of a request when only its head has come.
@Suite struct AdmissionTests {
    private let bench = ProtocolBench()

    private func admission(_ request: HTTPRequest, length: String? = nil) -> (
        taken: Int64?, status: Int, text: String
    ) {
        var head = request
        head.body = .empty
        if let length { head.headers["Content-Length"] = length }
        switch bench.endpoint.admission(of: head) {
        case .take(let maxBytes): return (maxBytes, 0, "")
        case .preview(let maxBytes, _, _): return (maxBytes, 0, "")
        case .refuse(let response):
            return (nil, response.status, String(utf8: response.body.bytes ?? []))
        }
    }

    private func without(_ name: String, _ request: HTTPRequest) -> HTTPRequest {
        var request = request
        request.headers.remove(name)
        return request
    }

    @Test func aServiceSaysHowMuchItTakes() {
        #expect(admission(ProtocolBench.objects("PUT", "/b/k", payload: .unsigned)).taken == 1_000)
        #expect(admission(ProtocolBench.objects("PUT", "/b/k?acl", payload: .unsigned)).taken == 10)
        #expect(admission(HTTPRequest(method: "PUT", target: "/b/k", headers: ["Host": "a"])).status == 403)
    }

    @Test(arguments: ["GET", "PUT", "POST", "DELETE", "PATCH"])
    func aSignatureIsJudgedWhateverIsAskedFor(_ method: String) {
        var wrong = ProtocolBench.objects(method, "/b?policy", payload: .unsigned)
        wrong.headers["X-Amz-Date"] = "20260102T030406Z"
        let told = admission(wrong, length: "5000000000")
        #expect(told.status == 403 && told.text.contains("<Code>SignatureDoesNotMatch</Code>"))
        let old = ProtocolBench.objects(
            method, "/b?policy", payload: .unsigned, at: ProtocolBench.now - 3_600_000)
        #expect(admission(old).text.contains("<Code>RequestTimeTooSkewed</Code>"))
        let stranger = ProtocolBench.objects(
            method, "/b?policy", payload: .unsigned,
            credentials: Credentials(accessKeyID: "AKIDNOBODY", secretAccessKey: "x"))
        #expect(admission(stranger).text.contains("<Code>InvalidAccessKeyId</Code>"))
    }

    @Test func aHashOfTheBodyIsBelievedUntilTheBodyHasCome() {
        #expect(admission(ProtocolBench.objects("PUT", "/b/k", body: "what comes later")).taken == 1_000)
    }

    @Test func aJSONBodyIsRefusedByItsAnnouncedLength() {
        let request = ProtocolBench.tables()
        #expect(admission(request, length: "16777216").taken == 16 << 20)
        #expect(admission(request, length: "16777217").status == 413)
        #expect(admission(without("Content-Length", request)).taken == 16 << 20)
    }

    @Test func whatAJSONRequestClaimsIsJudgedWithoutItsBody() {
        #expect(admission(ProtocolBench.tables(body: #"{"a": "long"}"#)).taken != nil)
        #expect(
            admission(without("Authorization", ProtocolBench.tables())).text
                .contains("MissingAuthenticationTokenException"))
        #expect(
            admission(ProtocolBench.tables(at: ProtocolBench.now - 3_600_000)).text
                .contains("Signature expired"))
        #expect(admission(ProtocolBench.tables(region: "eu-west-1")).status == 400)
        #expect(admission(without("Content-Type", ProtocolBench.tables())).status == 404)
        var other = ProtocolBench.tables()
        other.method = "PUT"
        #expect(admission(other).status == 404)
    }

    @Test func aStalledUploadIsToldAsS3TellsIt() {
        let answer = bench.endpoint.stalled(ProtocolBench.objects("PUT", "/b/k"))
        #expect(answer?.status == 400)
        #expect(
            answer.map { String(utf8: $0.body.bytes ?? []) }?.contains("<Code>RequestTimeout</Code>") == true)
        #expect(bench.endpoint.stalled(ProtocolBench.tables()) == nil)
    }

    // MARK: - The hash that is signed

    private func presigned(_ hash: String) -> HTTPRequest {
        ProtocolBench.presigned("PUT", query: [QueryItem("X-Amz-Content-Sha256", hash)])
    }

    @Test func theHashOfAPresignedURLStandsInItsQuery() {
        var request = presigned("abc")
        #expect(request.claimedPayloadHash == "abc")
        request.headers["x-amz-content-sha256"] = "def"
        #expect(request.claimedPayloadHash == "abc")
        request.headers["Authorization"] = "AWS4-HMAC-SHA256"
        #expect(request.claimedPayloadHash == "def")
        #expect(ProtocolBench.presigned().claimedPayloadHash == nil)
    }
}
