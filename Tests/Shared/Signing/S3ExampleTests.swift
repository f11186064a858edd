import Bytes
import Clock
import Digests
import HTTPTypes
import Testing

@testable import Signing

/// The worked examples of Amazon S3's documentation, with their literal answers:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html,
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
@Suite struct S3ExampleTests {
    static let time = Timestamp(iso8601Basic: "20130524T000000Z")!
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

    let signer = SigV4Signer(
        credentials: Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1", service: "s3", style: .s3)
    let scope = SigningScope(date: "20130524", region: "us-east-1", service: "s3")

    /// Signs and checks all three stages.
    func check(
        _ request: HTTPRequest, payload: PayloadHash = .bytes([]), canonical: String, hash: String,
        signedHeaders: String, signature: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var request = request
        signer.sign(&request, payload: payload, at: S3ExampleTests.time)
        let authorization = request.headers["Authorization"]
        request.headers.remove("Authorization")
        let text = signer.canonicalRequest(request, payloadHash: signer.text(of: payload)).text
        #expect(text == canonical, sourceLocation: sourceLocation)
        #expect(
            StringToSign.text(timestamp: "20130524T000000Z", scope: scope, canonicalRequest: text)
                == "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n\(hash)",
            sourceLocation: sourceLocation)
        #expect(
            authorization
                == "AWS4-HMAC-SHA256 Credential=\(S3ExampleTests.credential), "
                + "SignedHeaders=\(signedHeaders), Signature=\(signature)",
            sourceLocation: sourceLocation)
    }

    @Test func getObject() {
        check(
            HTTPRequest(
                target: "/test.txt",
                headers: ["Host": "examplebucket.s3.amazonaws.com", "Range": "bytes=0-9"]),
            canonical: """
                GET
                /test.txt

                host:examplebucket.s3.amazonaws.com
                range:bytes=0-9
                x-amz-content-sha256:\(S3ExampleTests.emptyHash)
                x-amz-date:20130524T000000Z

                host;range;x-amz-content-sha256;x-amz-date
                \(S3ExampleTests.emptyHash)
                """,
            hash: "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
            signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test(arguments: ["/test$file.text", "/test%24file.text"])
    func putObject(target: String) {
        let hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        check(
            HTTPRequest(
                method: "PUT", target: target,
                headers: [
                    "Host": "examplebucket.s3.amazonaws.com", "Date": "Fri, 24 May 2013 00:00:00 GMT",
                    "x-amz-storage-class": "REDUCED_REDUNDANCY",
                ]),
            payload: .bytes("Welcome to Amazon S3.".bytes),
            canonical: """
                PUT
                /test%24file.text

                date:Fri, 24 May 2013 00:00:00 GMT
                host:examplebucket.s3.amazonaws.com
                x-amz-content-sha256:\(hash)
                x-amz-date:20130524T000000Z
                x-amz-storage-class:REDUCED_REDUNDANCY

                date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class
                \(hash)
                """,
            hash: "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
            signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func getBucketLifecycle() {
        check(
            HTTPRequest(target: "/?lifecycle", headers: ["Host": "examplebucket.s3.amazonaws.com"]),
            canonical: """
                GET
                /
                lifecycle=
                host:examplebucket.s3.amazonaws.com
                x-amz-content-sha256:\(S3ExampleTests.emptyHash)
                x-amz-date:20130524T000000Z

                host;x-amz-content-sha256;x-amz-date
                \(S3ExampleTests.emptyHash)
                """,
            hash: "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
            signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }

    @Test func listObjects() {
        check(
            HTTPRequest(
                target: "/?max-keys=2&prefix=J", headers: ["Host": "examplebucket.s3.amazonaws.com"]),
            canonical: """
                GET
                /
                max-keys=2&prefix=J
                host:examplebucket.s3.amazonaws.com
                x-amz-content-sha256:\(S3ExampleTests.emptyHash)
                x-amz-date:20130524T000000Z

                host;x-amz-content-sha256;x-amz-date
                \(S3ExampleTests.emptyHash)
                """,
            hash: "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
            signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func presignedGet() {
        let url = signer.presign(
            method: "GET", url: (scheme: "https", host: "examplebucket.s3.amazonaws.com", path: "/test.txt"),
            expiresIn: 86_400, at: S3ExampleTests.time)
        #expect(
            url
                == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test func chunkedUpload() {
        let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        let payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        let names =
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
            + "x-amz-decoded-content-length;x-amz-storage-class"
        check(
            HTTPRequest(
                method: "PUT", target: "/examplebucket/chunkObject.txt",
                headers: [
                    "Host": "s3.amazonaws.com", "x-amz-storage-class": "REDUCED_REDUNDANCY",
                    "Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": "66560",
                    "Content-Length": "66824",
                ]),
            payload: .literal(payload),
            canonical: """
                PUT
                /examplebucket/chunkObject.txt

                content-encoding:aws-chunked
                content-length:66824
                host:s3.amazonaws.com
                x-amz-content-sha256:\(payload)
                x-amz-date:20130524T000000Z
                x-amz-decoded-content-length:66560
                x-amz-storage-class:REDUCED_REDUNDANCY

                \(names)
                \(payload)
                """,
            hash: "cee3fed04b70f867d036f722359b0b1f2f0e5dc0efadbc082b76c4c60e316455",
            signedHeaders: names, signature: seed)

        let key = SigningKey.derive(secret: signer.credentials.secretAccessKey, scope: scope)
        var previous = seed
        for (length, expected) in [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ] {
            let chunk = [UInt8](repeating: 0x61, count: length)
            let text = StringToSign.chunk(
                timestamp: "20130524T000000Z", scope: scope, previousSignature: previous,
                chunkHash: SHA256.hex(chunk))
            previous = signature(key: key, stringToSign: text)
            #expect(previous == expected)
        }
    }
}
