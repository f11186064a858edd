import Bytes
import Foundation
import HTTPTypes
import Testing

@testable import AWSProtocol

/// URLs presigned with Signature Version 2. Every signature here was computed by botocore 1 (its
/// `HmacV1QueryAuth`) with the bench's keys at 2026-01-02T03:04:05Z for 60 seconds; none by this code.
@Suite struct SignatureV2Tests {
    private static let signed = "AWSAccessKeyId=AKIDTEST&Signature="
    private static let plain = "/bucket/key?\(signed)o1rn0N83MsGGZofCDNsGyorV93o%3D&Expires=1767323105"
    private static let put =
        "/bucket/key?\(signed)obRRUwfhzIj5SJ7b6ib%2BrQ9JrsY%3D&content-type=audio%2Fwav&Expires=1767323105"
    private static let putWithMetadata =
        "/bucket/key?\(signed)7mObJPzDHvPeBIhrqQpOTyXvkPc%3D&content-type=audio%2Fwav&x-amz-meta-who=me"
        + "&x-amz-acl=private&Expires=1767323105"
    private static let override =
        "/bucket/key?response-content-type=text%2Fplain%3B%20charset%3Dutf-8"
        + "&response-content-disposition=attachment%3B%20filename%3D%22a%20b.txt%22"
        + "&\(signed)fTw%2F8330n8SsEfWFz%2B70x6cekEs%3D&Expires=1767323105"
    private static let temporary =
        "/bucket/key?AWSAccessKeyId=ASIATEMP&Signature=alfAfCCA9ZKhPwpf3I7zPIAQp1k%3D"
        + "&x-amz-security-token=token-1&Expires=1767323105"

    struct Presigned: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var target: String
        var host = "localhost:4566"
        var headers: [(String, String)] = []

        var testDescription: String { name }

        var request: HTTPRequest {
            HTTPRequest(method: method, target: target, headers: HTTPHeaders([("Host", host)] + headers))
        }
    }

    private static let valid = [
        Presigned(name: "plain", target: plain),
        Presigned(name: "free headers", target: plain, headers: [("Range", "bytes=0-1")]),
        Presigned(
            name: "virtual host",
            target: "/a/b?\(signed)3LwE6MB%2BCPRfYGpNpHaz6E5rcoI%3D&Expires=1767323105",
            host: "my-bucket.localhost:4566"),
        Presigned(
            name: "listing by virtual host",
            target: "/?list-type=2&prefix=x&encoding-type=url&\(signed)n2xySiFDjq7HcnB9ojAapzzCgSM%3D"
                + "&Expires=1767323105",
            host: "my-bucket.localhost:4566"),
        Presigned(
            name: "all buckets",
            target: "/?\(signed)GYktamrpzeC8faaZxBp2TEICHxY%3D&Expires=1767323105"),
        Presigned(
            name: "Unicode",
            target: "/bucket/a%20b/%C3%BC%2B%27~%2A?\(signed)nxe%2BAknHc1CTWWP9%2FBKjCsde7T8%3D"
                + "&Expires=1767323105"),
        Presigned(name: "response headers", target: override),
        Presigned(
            name: "type in header", method: "PUT", target: put, headers: [("Content-Type", "audio/wav")]),
        Presigned(name: "type in query", method: "PUT", target: put),
        Presigned(
            name: "metadata", method: "PUT", target: putWithMetadata,
            headers: [("Content-Type", "audio/wav"), ("X-Amz-Meta-Who", "me")]),
        Presigned(name: "temporary key", target: temporary),
        Presigned(
            name: "sub-resource without value", method: "POST",
            target: "/bucket/key?uploads&\(signed)3g5xyOpdZl%2BConpNKJJHXca6h5k%3D&Expires=1767323105"),
        Presigned(
            name: "sub-resources with values", method: "PUT",
            target: "/bucket/key?uploadId=u%2F1&partNumber=2&\(signed)x%2BAZXlf6wHtb5vV8xFNiUEWtUlo%3D"
                + "&Expires=1767323105"),
        Presigned(
            name: "bucket's sub-resource",
            target: "/bucket?cors&\(signed)7F0iP5WPxsQfXxvDMafF4u7lIE8%3D&Expires=1767323105"),
    ]

    @Test(arguments: valid) func accepts(_ url: Presigned) async {
        let response = await ProtocolBench().send(url.request)
        #expect(response.status == 200, "\(response.text)")
        #expect(response.headers["x-who"] == (url.name == "temporary key" ? "ASIATEMP" : "AKIDTEST"))
    }

    /// Nothing that was signed can be changed, and nothing that would have been signed can be added.
    @Test(
        arguments: [
            Presigned(name: "method", method: "DELETE", target: plain),
            Presigned(name: "key", target: plain.replacingOccurrences(of: "/key?", with: "/kez?")),
            Presigned(name: "bucket", target: plain, host: "other.localhost"),
            Presigned(name: "expiry", target: plain.replacingOccurrences(of: "3105", with: "3106")),
            Presigned(name: "signature", target: plain.replacingOccurrences(of: "=o1rn", with: "=p1rn")),
            Presigned(name: "short signature", target: plain.replacingOccurrences(of: "o%3D", with: "o")),
            Presigned(name: "sub-resource", target: plain + "&uploads"),
            Presigned(name: "escaped sub-resource", target: plain + "&%75ploads"),
            Presigned(name: "value for a sub-resource", target: plain + "&versionId=1"),
            Presigned(name: "response header", target: plain + "&response-content-type=text%2Fhtml"),
            Presigned(
                name: "other response header",
                target: override.replacingOccurrences(of: "plain", with: "html")),
            Presigned(name: "type", method: "PUT", target: put, headers: [("Content-Type", "text/html")]),
            Presigned(name: "MD5", target: plain, headers: [("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")]),
            Presigned(name: "header", method: "PUT", target: put, headers: [("x-amz-meta-evil", "1")]),
            Presigned(name: "header in query", method: "PUT", target: put + "&x-amz-meta-evil=1"),
            Presigned(
                name: "second value", method: "PUT",
                target: putWithMetadata.replacingOccurrences(of: "who=me", with: "who=me&x-amz-meta-who=me")),
            Presigned(
                name: "other value", method: "PUT", target: putWithMetadata,
                headers: [("x-amz-meta-who", "you")]),
        ])
    func refusesChanges(_ url: Presigned) async {
        let response = await ProtocolBench().send(url.request)
        #expect(response.status == 403)
        #expect(response.text.contains("<Code>SignatureDoesNotMatch</Code>"), "\(response.text)")
    }

    @Test func mismatchShowsWhatWasSigned() async {
        let url = Presigned(name: "", target: Self.putWithMetadata + "&acl", host: "my-bucket.localhost")
        let text = await ProtocolBench().send(url.request).text
        let expected =
            "<StringToSign>GET\n\naudio/wav\n1767323105\nx-amz-acl:private\nx-amz-meta-who:me\n"
            + "/my-bucket/bucket/key?acl</StringToSign>"
        #expect(text.contains(expected), "\(text)")
        #expect(text.contains("<AWSAccessKeyId>AKIDTEST</AWSAccessKeyId>"))
        #expect(text.contains("<SignatureProvided>7mObJPzDHvPeBIhrqQpOTyXvkPc=</SignatureProvided>"))
        #expect(text.contains("<StringToSignBytes>47 45 54 0a 0a 61"))
        #expect(!text.contains("CanonicalRequest"))
    }

    private func expect(
        _ target: String, status: Int = 403, _ code: String, _ message: String, _ more: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let response = await ProtocolBench().send(Presigned(name: "", target: target).request)
        #expect(response.status == status, sourceLocation: sourceLocation)
        let start = "<Error><Code>\(code)</Code><Message>\(message)</Message>\(more)"
        #expect(response.text.contains(start), "\(response.text)", sourceLocation: sourceLocation)
    }

    @Test func missingPieces() async {
        let message =
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        for query in [
            "AWSAccessKeyId=AKIDTEST", "Signature=x", "AWSAccessKeyId=AKIDTEST&Expires=1767323105",
            "Signature=x&Expires=1767323105", "AWSAccessKeyId=AKIDTEST&Signature=x",
            "AWSAccessKeyId=AKIDTEST&Signature=&Expires=1767323105",
        ] {
            await expect("/bucket/key?" + query, "AccessDenied", message)
        }
    }

    @Test func otherNamesAreNoSignature() async {
        for query in ["Expires=1767323105", "awsaccesskeyid=a", "prefix=Signature"] {
            let response = await ProtocolBench().send(
                Presigned(name: "", target: "/bucket/key?" + query).request)
            #expect(response.headers["x-who"] == "anonymous")
        }
    }

    @Test func expiry() async {
        let old = Self.plain.replacingOccurrences(of: "1767323105", with: "1767323044")
        await expect(
            old, "AccessDenied", "Request has expired",
            "<Expires>2026-01-02T03:04:04Z</Expires><ServerTime>2026-01-02T03:04:05Z</ServerTime>")
        // The last second still counts: what is wrong with this one is its signature.
        let now = Self.plain.replacingOccurrences(of: "1767323105", with: "1767323045")
        let response = await ProtocolBench().send(Presigned(name: "", target: now).request)
        #expect(response.text.contains("SignatureDoesNotMatch"))
        for text in ["soon", "-1", "1.5", "9223372036854775807", "99999999999999999999"] {
            await expect(
                Self.plain.replacingOccurrences(of: "1767323105", with: text), "AccessDenied",
                "Invalid date (should be seconds since epoch): \(text)")
        }
    }

    @Test func unknownKeyAndWrongToken() async {
        await expect(
            Self.plain.replacingOccurrences(of: "AKIDTEST", with: "NOBODY"), "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "<AWSAccessKeyId>NOBODY</AWSAccessKeyId>")
        await expect(
            Self.temporary.replacingOccurrences(of: "token-1", with: "token-2"), status: 400, "InvalidToken",
            "The provided token is malformed or otherwise invalid.", "<Token-0>token-2</Token-0>")
        await expect(
            Self.temporary.replacingOccurrences(of: "&x-amz-security-token=token-1", with: ""),
            "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    }

    @Test func twoMechanisms() async {
        let message =
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
            + "string parameter or the Authorization header should be specified"
        await expect(
            Self.plain + "&X-Amz-Algorithm=AWS4-HMAC-SHA256", status: 400, "InvalidArgument", message)
        let both = Presigned(name: "", target: Self.plain, headers: [("Authorization", "AWS4-HMAC-SHA256")])
        let response = await ProtocolBench().send(both.request)
        #expect(response.status == 400 && response.text.contains(message), "\(response.text)")
    }

    @Test func anyCredentialsWillDoWhenConfigured() async {
        let lenient = ProtocolBench(acceptAnyCredentials: true)
        let target = "/bucket/key?AWSAccessKeyId=NOBODY&Signature=x&Expires=1"
        let response = await lenient.send(Presigned(name: "", target: target).request)
        #expect(response.status == 200 && response.headers["x-who"] == "NOBODY")
    }

    @Test func onlyForS3() async {
        var request = ProtocolBench.tables()
        request.headers.remove("Authorization")
        request.target = Self.plain.replacingOccurrences(of: "/bucket/key", with: "/")
        let response = await ProtocolBench().send(request)
        #expect(response.status == 400)
        #expect(response.text.contains("MissingAuthenticationTokenException"), "\(response.text)")
    }

    /// The bench's S3 has three sub-resources; this version signs two of them.
    @Test(arguments: ["retention", "%72etention", "retention=a", "x&retention&y"])
    func aURLCannotBeMadeOneForAYoungerSubresource(_ name: String) async {
        for target in [
            Self.plain + "&" + name, Self.plain.replacingOccurrences(of: "?", with: "?\(name)&"),
        ] {
            await expect(
                target, "AccessDenied",
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
        }
    }

    @Test(arguments: ["Retention", "retention2", "x=retention", "x-id=GetObject", "prefix=a"])
    func otherNamesStayFree(_ name: String) async {
        let response = await ProtocolBench().send(
            Presigned(name: "", target: Self.plain + "&" + name).request)
        #expect(response.status == 200, "\(response.text)")
    }

    /// Each joins to the text of another request, or hides a line in it.
    @Test(arguments: [
        "x-amz-meta-a:b=c", "X-Amz-Meta-a%3Ab=c", "versionId=a%26acl", "uploadId=a%26b", "partNumber=1%26x",
        "a%0Ab", "a=b%0D", "%00",
    ])
    func aQueryThatCouldBeReadTwiceIsRefused(_ name: String) async {
        await expect(
            Self.plain + "&" + name, "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    }
}
