import AWSProtocol
import Testing

@testable import Objects

@Suite struct TagSetTests {
    private static func document(_ tags: String) -> [UInt8] {
        Array("<Tagging><TagSet>\(tags)</TagSet></Tagging>".utf8)
    }

    private static func tag(_ key: String, _ value: String) -> String {
        "<Tag><Key>\(key)</Key><Value>\(value)</Value></Tag>"
    }

    private static func failure(_ work: () throws -> Void) -> AWSError? {
        do {
            try work()
            return nil
        } catch { return error as? AWSError }
    }

    @Test func tagsKeepTheirOrder() throws {
        let tags = try TagSet.read(
            Self.document(Self.tag("b", "2") + Self.tag("a", "") + Self.tag("ключ 你", "+-=._:/@")),
            for: .object)
        #expect(
            tags == [
                Tag(key: "b", value: "2"), Tag(key: "a", value: ""), Tag(key: "ключ 你", value: "+-=._:/@"),
            ])
    }

    @Test(arguments: [
        "", "<Tagging/>", "<Tags><TagSet/></Tags>", "<Tagging><TagSet/><TagSet/></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Key>a</Key></TagSet></Tagging>", "<Tagging><TagSet>",
    ])
    func otherShapesAreMalformed(document: String) {
        let error = Self.failure { _ = try TagSet.read(Array(document.utf8), for: .bucket) }
        #expect(error?.code == "MalformedXML")
    }

    @Test(arguments: [
        ("a*b", "v", "The TagKey you have provided is invalid"),
        ("", "v", "The TagKey you have provided is invalid"),
        (String(repeating: "k", count: 129), "v", "The TagKey you have provided is invalid"),
        ("k", "v!", "The TagValue you have provided is invalid"),
        ("k", String(repeating: "v", count: 257), "The TagValue you have provided is invalid"),
        ("aws:k", "v", "Your TagKey cannot be prefixed with aws:"),
    ])
    func eachTagIsJudged(key: String, value: String, message: String) {
        let error = Self.failure { try TagSet.validate([Tag(key: key, value: value)], for: .object) }
        #expect(error?.code == "InvalidTag")
        #expect(error?.message == message)
    }

    @Test func theLongestTagsAreFine() throws {
        let tag = Tag(key: String(repeating: "é", count: 128), value: String(repeating: "值", count: 256))
        try TagSet.validate([tag], for: .object)
    }

    @Test(arguments: [
        (TagSet.Target.object, 10, "Object tags cannot be greater than 10"),
        (.bucket, 50, "Bucket tag count cannot be greater than 50"),
    ])
    func thereIsAMostOfTags(target: TagSet.Target, most: Int, message: String) throws {
        let tags = (0...most).map { Tag(key: "k\($0)", value: "v") }
        try TagSet.validate(Array(tags.dropLast()), for: target)
        let error = Self.failure { try TagSet.validate(tags, for: target) }
        #expect(error?.code == "BadRequest")
        #expect(error?.message == message)
    }

    @Test func aKeyStandsOnce() {
        let tags = [Tag(key: "k", value: "1"), Tag(key: "K", value: "2"), Tag(key: "k", value: "3")]
        let error = Self.failure { try TagSet.validate(tags, for: .bucket) }
        #expect(error?.message == "Cannot provide multiple Tags with the same key")
        #expect(error?.elements.first?.1 == "k")
    }

    @Test func headersAreFormEncoded() throws {
        #expect(
            try TagSet.read(header: "a=1&b+c=d%3De") == [
                Tag(key: "a", value: "1"), Tag(key: "b c", value: "d=e"),
            ])
        #expect(try TagSet.read(header: "flag") == [Tag(key: "flag", value: "")])
        #expect(try TagSet.read(header: "").isEmpty)
    }

    @Test(arguments: ["a=1&a=2", "=1", "a=%", "a=%FF", "a=b%26c", "a!=1"])
    func headersThatAreNoTags(header: String) {
        let error = Self.failure { _ = try TagSet.read(header: header) }
        #expect(error?.code == "InvalidArgument")
        #expect(error?.elements.map(\.1) == ["x-amz-tagging", header])
    }
}
