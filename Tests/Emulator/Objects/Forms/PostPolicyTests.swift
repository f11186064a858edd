import AWSProtocol
import Bytes
import Clock
import Testing

@testable import Objects

/// What a client cannot reach from outside; the rest is in Tests/S3.
@Suite struct PostPolicyTests {
    private func policy(_ conditions: String) throws -> PostPolicy {
        try PostPolicy(
            document: #"{"expiration": "2026-01-01T00:00:10Z", "conditions": [\#(conditions)]}"#.bytes)
    }

    private func time(_ seconds: Int64) throws -> Timestamp {
        try #require(Timestamp(iso8601: "2026-01-01T00:00:00Z")) + seconds * 1000
    }

    @Test func itHoldsUntilItsExpiration() throws {
        let policy = try policy(#"{"bucket": "b"}"#)
        _ = try policy.check(PostForm(), bucket: "b", now: try time(10))
        #expect(throws: AWSError.self) { _ = try policy.check(PostForm(), bucket: "b", now: try time(11)) }
    }

    @Test func severalRangesAllHold() throws {
        let sizes = try policy(
            #"{"bucket": "b"}, ["content-length-range", 1, 9], ["content-length-range", 3, "20"]"#
        ).check(PostForm(), bucket: "b", now: try time(0))
        #expect(sizes == PostPolicy.SizeRange(min: 3, max: 9))
    }

    /// Line breaks and missing padding inside of base 64 are signed with the rest.
    @Test func base64IsReadKindly() throws {
        let document = #"{"expiration": "2026-01-01T00:00:10Z", "conditions": []}"#
        var encoded = Base64.encode(document.bytes)
        encoded.insert("\n", at: encoded.index(encoded.startIndex, offsetBy: 8))
        while encoded.last == "=" { encoded.removeLast() }
        #expect(try PostPolicy(encoded: encoded).conditions.isEmpty)
    }

    /// What only looks alike is not the same.
    @Test func valuesCompareByteByByte() throws {
        var form = PostForm()
        try form.add("key", "e\u{301}".bytes)
        let policy = try policy("{\"bucket\": \"b\"}, {\"key\": \"\u{E9}\"}")
        #expect(throws: AWSError.self) { _ = try policy.check(form, bucket: "b", now: try time(0)) }
    }
}
