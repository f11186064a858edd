import Clock
import HTTPTypes
import Testing

@testable import Signing

/// One case of AWS's suite: what is signed and each stage's literal outcome.
struct SuiteVector: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    let canonicalRequest: String
    let stringToSign: String
    let signedHeaders: String
    let signature: String

    init(
        _ name: String, request: String, canonicalRequest: String, stringToSign: String,
        signedHeaders: String, signature: String
    ) {
        self.name = name
        self.request = request
        self.canonicalRequest = canonicalRequest
        self.stringToSign = stringToSign
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    var testDescription: String { name }

    /// The suite's requests are raw: unencoded spaces in the target, folded headers.
    var parsed: HTTPRequest {
        let parts = request.split(separator: "\n\n", maxSplits: 1)
        var lines = parts[0].split(separator: "\n").map(String.init)
        let requestLine = lines.removeFirst().split(separator: " ")
        var headers: [(String, String)] = []
        for line in lines {
            if line.first == " " {
                headers[headers.count - 1].1 += "\n" + line
            } else {
                let field = line.split(separator: ":", maxSplits: 1)
                headers.append((String(field[0]), String(field[1])))
            }
        }
        return HTTPRequest(
            method: String(requestLine[0]), target: requestLine.dropFirst().dropLast().joined(separator: " "),
            headers: HTTPHeaders(headers), body: .bytes(parts.count > 1 ? Array(parts[1].utf8) : []))
    }
}

@Suite struct SuiteVectorTests {
    static let all = getVectors + getQueryVectors + pathVectors + postVectors
    static let time = Timestamp(iso8601Basic: "20150830T123600Z")!

    let scope = SigningScope(date: "20150830", region: "us-east-1", service: "service")

    /// The suite's key pair. One case gives the session token beside the request, not in it; there
    /// the signer has to add it.
    func signer(for vector: SuiteVector) -> SigV4Signer {
        let line = vector.canonicalRequest.split(separator: "\n").first {
            $0.hasPrefix("x-amz-security-token:")
        }
        return SigV4Signer(
            credentials: Credentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                sessionToken: line.map { String($0.dropFirst("x-amz-security-token:".count)) }),
            region: "us-east-1", service: "service", style: .standard)
    }

    func signed(_ vector: SuiteVector) -> HTTPRequest {
        var request = vector.parsed
        signer(for: vector).sign(
            &request, payload: .bytes(request.body.bytes ?? []), at: SuiteVectorTests.time)
        return request
    }

    @Test func suiteIsComplete() {
        #expect(SuiteVectorTests.all.count == 34)
        #expect(Set(SuiteVectorTests.all.map(\.name)).count == 34)
    }

    @Test(arguments: all)
    func canonicalRequest(_ vector: SuiteVector) {
        let signer = signer(for: vector)
        let request = signed(vector)
        let canonical = signer.canonicalRequest(
            request, payloadHash: signer.text(of: .bytes(request.body.bytes ?? [])))
        #expect(canonical.text == vector.canonicalRequest)
        #expect(canonical.signedHeaders == vector.signedHeaders)
    }

    @Test(arguments: all)
    func stringToSign(_ vector: SuiteVector) {
        #expect(
            StringToSign.text(
                timestamp: "20150830T123600Z", scope: scope, canonicalRequest: vector.canonicalRequest)
                == vector.stringToSign)
    }

    @Test(arguments: all)
    func signatureOfStringToSign(_ vector: SuiteVector) {
        let key = SigningKey.derive(
            secret: signer(for: vector).credentials.secretAccessKey, scope: scope)
        #expect(signature(key: key, stringToSign: vector.stringToSign) == vector.signature)
    }

    @Test(arguments: all)
    func authorizationHeader(_ vector: SuiteVector) {
        let request = signed(vector)
        #expect(
            request.headers["authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(vector.signedHeaders), Signature=\(vector.signature)")
        #expect(request.headers["x-amz-date"] == "20150830T123600Z")
    }
}
