import AWSProtocol
import Bytes
import Digests
import HTTPTypes
import Testing

@testable import Objects

@Suite struct RequestDocumentTests {
    private static func request(_ target: String, _ body: String, _ headers: [(String, String)] = []) throws
        -> S3Request
    {
        try S3Request(
            HTTPRequest(
                method: "PUT", target: target,
                headers: HTTPHeaders(
                    [("Host", "localhost"), ("Content-Length", String(body.utf8.count))] + headers),
                body: .bytes(body.bytes)),
            AWSContext(
                requestID: "R", region: "us-east-1", accountID: "000000000000", now: ObjectsBench.start,
                identity: .anonymous))
    }

    private static let tagging =
        "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"

    /// A policy of 20 KB has hundreds of conditions, and each of them asks.
    @Test func theBodyIsReadOnce() throws {
        let request = try Self.request("/bucket/k?tagging", Self.tagging)
        let document = RequestDocument(request)
        for _ in 0..<300 { #expect(document.tags == [Tag(key: "a", value: "1")]) }
        for _ in 0..<300 { #expect(document.root?.name == "Tagging") }
        #expect(document.reads == 1)
    }

    @Test func conditionsOfOneRequestShareWhatWasRead() throws {
        let request = try Self.request("/bucket/k?tagging", Self.tagging)
        let document = RequestDocument(request)
        var lookups = 0
        let facts = AccessFacts(
            request: request, bucket: "bucket", caller: .anonymous, accountID: "000000000000",
            object: {
                lookups += 1
                return nil
            }, document: document
        ).facts
        for number in 0..<300 {
            #expect(facts.values("s3:requestobjecttag/a") == ["1"])
            #expect(facts.values("s3:requestobjecttag/\(number)") == nil)
            #expect(facts.values("s3:requestobjecttagkeys") == ["a"])
        }
        #expect(document.reads == 1)
        #expect(lookups == 0)
    }

    @Test func nobodyReadsWhatNobodyAsksFor() throws {
        let document = RequestDocument(
            try Self.request("/bucket/k?tagging", Self.tagging, [("x-amz-tagging", "b=2")]))
        #expect(document.tags == [Tag(key: "b", value: "2")])
        #expect(document.reads == 0)
    }

    @Test func aLongBodyIsNotRead() throws {
        let blank = String(repeating: " ", count: Int(BodyLimit.usual.bytes))
        let document = RequestDocument(try Self.request("/bucket/k?tagging", Self.tagging + blank))
        #expect(document.tags == nil)
    }

    /// What conditions do not see, no operation takes.
    @Test(arguments: ["tagging", "retention", "legal-hold"])
    func aLongDocumentIsRefused(_ name: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["k"])
        let body = [UInt8](repeating: 0x20, count: Int(BodyLimit.usual.bytes) + 1)
        let answer = try await bench.send(
            "PUT", "/bucket/k?\(name)", [("Content-MD5", Base64.encode(MD5.hash(body)))], body)
        bench.expect(answer, 400, "MaxMessageLengthExceeded", "Your request was too big.")
    }

    @Test func headersOfTagsAreBounded() throws {
        let header = (0..<10_000).map { "k\($0)=v" }.joined(separator: "&")
        let document = RequestDocument(try Self.request("/bucket/k", "", [("x-amz-tagging", header)]))
        #expect(document.tags?.count == 50)
    }
}
