import Bytes
import Clock
import Foundation
import HTTPTypes
import Signing
import Testing

@testable import AWSProtocol

/// What S3 accepts and how it words each refusal.
@Suite struct S3AuthenticationTests {
    private let bench = ProtocolBench()

    private func expect(
        _ request: HTTPRequest, _ status: Int, _ code: String, _ message: String, _ more: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let got = await bench.send(request)
        #expect(got.status == status, sourceLocation: sourceLocation)
        #expect(got.headers["x-amz-request-id"]?.utf8.count == 16, sourceLocation: sourceLocation)
        let start = "<Error><Code>\(code)</Code><Message>\(message)</Message>"
        #expect(got.text.contains(start), "\(got.text)", sourceLocation: sourceLocation)
        for element in more {
            #expect(got.text.contains(element), "\(got.text)", sourceLocation: sourceLocation)
        }
    }

    private func editing(_ request: HTTPRequest, _ old: String, _ new: String) -> HTTPRequest {
        var request = request
        if let header = request.headers["Authorization"] {
            #expect(header.contains(old))
            request.headers["Authorization"] = header.replacingOccurrences(of: old, with: new)
        } else {
            #expect(request.target.contains(old))
            request.target = request.target.replacingOccurrences(of: old, with: new)
        }
        return request
    }

    @Test func acceptsHeaderAndQuerySignatures() async {
        #expect(await bench.send(ProtocolBench.objects()).headers["x-who"] == "AKIDTEST")
        #expect(await bench.send(ProtocolBench.objects("PUT", body: "hello")).status == 200)
        #expect(
            await bench.send(ProtocolBench.objects("PUT", body: "hello", payload: .unsigned)).status == 200)
        #expect(await bench.send(ProtocolBench.presigned("PUT")).headers["x-who"] == "AKIDTEST")
        #expect(
            await bench.send(ProtocolBench.presigned(credentials: ProtocolBench.temporary)).status == 200)
    }

    @Test func acceptsFreeHeadersOnAPresignedURL() async {
        let request = ProtocolBench.presigned(headers: [("Range", "bytes=0-1"), ("Content-Type", "a/b")])
        #expect(await bench.send(request).status == 200)
    }

    @Test func passesOnAnonymousRequests() async {
        let response = await bench.send(HTTPRequest(target: "/bucket/key", headers: ["Host": "localhost"]))
        #expect(response.headers["x-who"] == "anonymous")
    }

    @Test func unknownKey() async {
        let key = Credentials(accessKeyID: "NOBODY", secretAccessKey: "s")
        for request in [
            ProtocolBench.objects(credentials: key), ProtocolBench.presigned(credentials: key),
        ] {
            await expect(
                request, 403, "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
                ["<AWSAccessKeyId>NOBODY</AWSAccessKeyId>"])
        }
    }

    @Test func wrongSignature() async {
        let key = Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "wrong")
        let message =
            "The request signature we calculated does not match the signature you provided. Check your key "
            + "and signing method."
        for request in [
            ProtocolBench.objects(credentials: key), ProtocolBench.presigned(credentials: key),
        ] {
            await expect(
                request, 403, "SignatureDoesNotMatch", message,
                [
                    "<AWSAccessKeyId>AKIDTEST</AWSAccessKeyId>", "<StringToSign>AWS4-HMAC-SHA256\n",
                    "<StringToSignBytes>41 57 53 34", "<CanonicalRequest>GET\n/bucket/",
                ])
        }
        await expect(
            editing(ProtocolBench.presigned(), "/bucket/key", "/bucket/kez"), 403, "SignatureDoesNotMatch",
            message)
    }

    @Test func wrongToken() async {
        let key = Credentials(
            accessKeyID: "ASIATEMP", secretAccessKey: "other", sessionToken: "token-2")
        await expect(
            ProtocolBench.objects(credentials: key), 400, "InvalidToken",
            "The provided token is malformed or otherwise invalid.", ["<Token-0>token-2</Token-0>"])
    }

    @Test func skew() async {
        await expect(
            ProtocolBench.objects(at: ProtocolBench.now - 16 * 60_000), 403, "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            [
                "<RequestTime>20260102T024805Z</RequestTime>",
                "<ServerTime>2026-01-02T03:04:05Z</ServerTime>",
                "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
            ])
    }

    @Test func expiredAndEarlyPresignedURLs() async {
        await expect(
            ProtocolBench.presigned(expiresIn: 60, at: ProtocolBench.now - 61_000), 403, "AccessDenied",
            "Request has expired",
            [
                "<X-Amz-Expires>60</X-Amz-Expires>", "<Expires>2026-01-02T03:04:04Z</Expires>",
                "<ServerTime>2026-01-02T03:04:05Z</ServerTime>",
            ])
        await expect(
            ProtocolBench.presigned(at: ProtocolBench.now + 16 * 60_000), 403, "AccessDenied",
            "Request is not yet valid")
        #expect(
            await bench.send(ProtocolBench.presigned(expiresIn: 60, at: ProtocolBench.now - 60_000)).status
                == 200)
    }

    @Test func malformedHeader() async {
        let start = "The authorization header is malformed; "
        let signed = ProtocolBench.objects()
        let code = "AuthorizationHeaderMalformed"
        await expect(
            ProtocolBench.objects(region: "eu-west-1"), 400, code,
            start + "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
            ["<Region>us-east-1</Region>"])
        await expect(
            editing(signed, "/s3/", "/s4/"), 400, code,
            start + "incorrect service &quot;s4&quot;. This endpoint belongs to &quot;s3&quot;.")
        await expect(
            editing(signed, "aws4_request", "x"), 400, code,
            start + "incorrect terminal &quot;x&quot;. This endpoint uses &quot;aws4_request&quot;.")
        await expect(
            editing(signed, "/20260102/", "/2026/"), 400, code,
            start + "incorrect date format &quot;2026&quot;. This date in the credential must be in the "
                + "format &quot;yyyyMMdd&quot;.")
        await expect(
            editing(signed, "/20260102/", "/20260101/"), 400, code,
            start + "Invalid credential date &quot;20260101&quot;. This date is not the same as X-Amz-Date: "
                + "&quot;20260102&quot;.")
        await expect(
            editing(signed, "Credential=AKIDTEST/20260102/", "Credential="), 400, code,
            start + "the Credential is mal-formed; expecting "
                + "&quot;&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/SERVICE/aws4_request&quot;.")
        await expect(
            editing(signed, "Signature=", "Sig="), 400, code,
            start + "the authorization header requires three components: Credential, SignedHeaders, and "
                + "Signature.")
    }

    @Test func unsupportedSchemes() async {
        var request = ProtocolBench.objects()
        request.headers["Authorization"] = "Basic key:signature"
        await expect(request, 400, "InvalidArgument", "Unsupported Authorization Type")
        request.headers["Authorization"] = "AWS nonsense"
        await expect(
            request, 400, "InvalidArgument",
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
        request.headers["Authorization"] = "AWS4-FOO Credential=a/b"
        await expect(request, 400, "InvalidArgument", "Unsupported Authorization Type")
        request = ProtocolBench.objects()
        request.headers.remove("X-Amz-Date")
        await expect(
            request, 403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    }

    @Test func presignedParameters() async {
        let url = ProtocolBench.presigned()
        let code = "AuthorizationQueryParametersError"
        await expect(
            editing(url, "&X-Amz-Expires=60", ""), 400, code,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                + "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
        await expect(
            editing(url, "Expires=60", "Expires=x"), 400, code, "X-Amz-Expires should be a number")
        await expect(
            editing(url, "Expires=60", "Expires=-1"), 400, code, "X-Amz-Expires must be non-negative")
        await expect(
            editing(url, "Expires=60", "Expires=604801"), 400, code,
            "X-Amz-Expires must be less than a week (in seconds) that is 604800")
        await expect(
            editing(url, "AWS4-HMAC-SHA256", "AWS9"), 400, code,
            "X-Amz-Algorithm only supports &quot;AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256&quot;")
        await expect(
            editing(url, "Date=20260102T030405Z", "Date=today"), 400, code,
            "X-Amz-Date must be in the ISO8601 Long Format &quot;yyyyMMdd'T'HHmmss'Z'&quot;")
        await expect(
            ProtocolBench.presigned(region: "eu-west-1"), 400, code,
            "Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong; expecting "
                + "'us-east-1'")
    }

    @Test func unsignedAmazonHeaders() async {
        await expect(
            ProtocolBench.presigned("PUT", headers: [("x-amz-meta-evil", "1"), ("X-Amz-Acl", "private")]),
            403, "AccessDenied", "There were headers present in the request which were not signed",
            ["<HeadersNotSigned>x-amz-meta-evil, x-amz-acl</HeadersNotSigned>"])
    }

    @Test func twoMechanisms() async {
        var request = ProtocolBench.presigned()
        request.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=x"
        await expect(
            request, 400, "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                + "string parameter or the Authorization header should be specified")
    }

    @Test func contentHash() async {
        var request = ProtocolBench.objects("PUT", body: "hello")
        request.body = .bytes("hellO".bytes)
        await expect(
            request, 400, "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            [
                "<ClientComputedContentSHA256>2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                    + "</ClientComputedContentSHA256>"
            ])
        await expect(
            ProtocolBench.objects("PUT", body: "hello", payload: .literal("zzz")), 400, "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
                + "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
                + "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            ["<ArgumentValue>zzz</ArgumentValue>"])
        request = ProtocolBench.objects()
        request.headers.remove("x-amz-content-sha256")
        await expect(
            request, 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        )
    }

    @Test func headHasNoBody() async {
        let request = ProtocolBench.objects(
            "HEAD", credentials: Credentials(accessKeyID: "N", secretAccessKey: "s"))
        let response = await bench.send(request)
        #expect(response.status == 403)
        #expect(response.text.isEmpty)
    }
}
