import Bytes
import Foundation
import Seeded
import Testing

@testable import Objects

@Suite struct ListObjectsV2Tests {
    @Test func theWholeDocument() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["p/a", "p/b/c", "q"])
        let answer = try await bench.send(
            "GET", "/bucket?list-type=2&prefix=p/&delimiter=/&start-after=p")
        #expect(
            answer.text == ObjectsBench.head
                + "<ListBucketResult \(ObjectsBench.namespace)><Name>bucket</Name><Prefix>p/</Prefix>"
                + "<StartAfter>p</StartAfter><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>"
                + "<Delimiter>/</Delimiter><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key>"
                + "<LastModified>2026-01-02T03:04:05.000Z</LastModified>"
                + "<ETag>&quot;2a0ac099cab6a0404c5b81f54d2737e4&quot;</ETag>"
                + "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
                + "<Size>3</Size><StorageClass>STANDARD</StorageClass></Contents>"
                + "<CommonPrefixes><Prefix>p/b/</Prefix></CommonPrefixes></ListBucketResult>")
    }

    @Test func tokens() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a", "b", "c"])
        let first = try await bench.send("GET", "/bucket?list-type=2&max-keys=2")
        #expect(first.element("KeyCount") == "2")
        let token = try #require(first.element("NextContinuationToken"))
        let encoded = PercentEncoding.encode(token)
        let second = try await bench.send(
            "GET", "/bucket?list-type=2&start-after=zzz&continuation-token=\(encoded)")
        #expect(second.elements("Key") == ["c"])
        #expect(second.element("ContinuationToken") == token)
        #expect(second.element("StartAfter") == nil)
        #expect(second.element("NextContinuationToken") == nil)
        for wrong in ["", "abc", "a%20b"] {
            bench.expect(
                try await bench.send("GET", "/bucket?list-type=2&continuation-token=\(wrong)"), 400,
                "InvalidArgument", "The continuation token provided is incorrect",
                ["<ArgumentName>continuation-token</ArgumentName>"])
        }
    }

    @Test func ownerOnlyOnRequest() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a"])
        #expect(try await bench.send("GET", "/bucket?list-type=2").element("Owner") == nil)
        #expect(try await bench.send("GET", "/bucket?list-type=2&fetch-owner=true").element("Owner") != nil)
    }

    /// Random keys and parameters against a model that filters and groups a sorted list.
    @Test func agreesWithANaiveModel() async throws {
        var random = SeededRandom.fresh("ListObjectsV2 model")
        let bench = try ObjectsBench()
        var keys: Set<String> = []
        while keys.count < 120 {
            let length = Int.random(in: 1...6, using: &random)
            keys.insert(String((0..<length).map { _ in "ab/é%".randomElement(using: &random) ?? "a" }))
        }
        try await bench.bucket(keys: keys.sorted())
        try await bench.bucket("bucket-other", keys: ["a/x"])
        for _ in 0..<150 {
            let prefix =
                Bool.random(using: &random) ? "" : String(keys.randomElement(using: &random)?.prefix(2) ?? "")
            let delimiter = ["", "/", "a", "b/"].randomElement(using: &random) ?? ""
            let after = Bool.random(using: &random) ? "" : keys.randomElement(using: &random) ?? ""
            let pageSize = Int.random(in: 1...30, using: &random)
            let got = try await all(bench, prefix, delimiter, after, pageSize)
            let expected = Model.list(keys, prefix: prefix, delimiter: delimiter, after: after)
            #expect(
                got == expected, "seed \(random.seed) prefix \(prefix) delimiter \(delimiter) after \(after)")
        }
    }

    /// All entries over all pages, in order.
    private func all(
        _ bench: ObjectsBench, _ prefix: String, _ delimiter: String, _ after: String, _ pageSize: Int
    ) async throws -> [[UInt8]] {
        let base =
            "/bucket?list-type=2&max-keys=\(pageSize)&prefix=\(PercentEncoding.encode(prefix))"
            + "&delimiter=\(PercentEncoding.encode(delimiter))&start-after=\(PercentEncoding.encode(after))"
        var entries: [[UInt8]] = []
        var token: String?
        repeat {
            let target = base + (token.map { "&continuation-token=\(PercentEncoding.encode($0))" } ?? "")
            let answer = try await bench.send("GET", target)
            let page =
                (answer.elements("Key")
                + answer.text.components(separatedBy: "<CommonPrefixes><Prefix>").dropFirst()
                .compactMap { $0.components(separatedBy: "</Prefix>").first })
                .map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
            #expect(page.count <= pageSize)
            #expect(answer.element("KeyCount") == String(page.count))
            entries += page
            token = answer.element("NextContinuationToken")
            if token != nil { #expect(page.count == pageSize) }
        } while token != nil
        return entries
    }
}

/// Listing as its description says, without any cleverness.
private enum Model {
    static func list(
        _ keys: Set<String>, prefix: String, delimiter: String, after: String
    ) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        let (prefix, delimiter, after) = (prefix.bytes, delimiter.bytes, after.bytes)
        let coveredByStart = common(after, prefix, delimiter) == after && !after.isEmpty
        for key in keys.map(\.bytes).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard key.starts(with: prefix) else { continue }
            if !after.isEmpty, !after.lexicographicallyPrecedes(key) { continue }
            if coveredByStart, key.starts(with: after) { continue }
            let entry = common(key, prefix, delimiter) ?? key
            if entries.last != entry { entries.append(entry) }
        }
        return entries
    }

    private static func common(_ key: [UInt8], _ prefix: [UInt8], _ delimiter: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, key.starts(with: prefix) else { return nil }
        for end in 0...key.count where end >= prefix.count + delimiter.count {
            if key[..<end].suffix(delimiter.count).elementsEqual(delimiter) { return Array(key[..<end]) }
        }
        return nil
    }
}
