import Bytes
import Foundation
import Testing

@testable import Objects

/// Keys are bytes: nothing in them is a path, an escape or a case to fold.
@Suite struct AddressingTests {
    private static let hostile: [(target: String, key: String)] = [
        ("../../etc/passwd", "../../etc/passwd"), ("..%2F..%2Fetc%2Fpasswd", "../../etc/passwd2"),
        ("%2Fabsolute", "/absolute"), ("/double", "/double"), ("a//b", "a//b"), ("a/./b", "a/./b"),
        ("a/", "a/"), ("a", "a"), ("A", "A"), ("a%252Fb", "a%2Fb"), ("a+b", "a+b"), ("a%20b", "a b"),
        ("%E4%BD%A0", "你"), ("e%CC%81", "e\u{301}"), ("%C3%A9", "\u{E9}"),
        // A mark that joins with the slash before it, to eyes that see characters.
        ("%CC%81a", "\u{301}a"), ("\u{302}b", "\u{302}b"),
        (".", "."), ("..", ".."), ("con%0D%0Aheader", "con\r\nheader"), ("%7F", "\u{7F}"),
    ]

    @Test func everyKeyIsItsOwn() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let outside = try FileManager.default.contentsOfDirectory(atPath: bench.folder)
        var contents: [(target: String, body: [UInt8])] = []
        var seen: Set<[UInt8]> = []
        for (index, sample) in Self.hostile.enumerated() {
            let target = index == 1 ? "..%2F..%2Fetc%2Fpasswd2" : sample.target
            #expect(seen.insert(sample.key.bytes).inserted)
            // Large enough for files of their own.
            let body = ObjectsBench.bytes(17_000, seed: UInt64(index))
            #expect(try await bench.send("PUT", "/bucket/\(target)", [], body).status == 200)
            contents.append((target, body))
        }
        for (target, body) in contents {
            #expect(try await bench.send("GET", "/bucket/\(target)").bytes == body, "\(target)")
        }
        let listed = try await bench.send("GET", "/bucket?encoding-type=url").elements("Key")
        let keys = listed.compactMap { PercentEncoding.decodeBytes($0, plusIsSpace: true) }
        #expect(Set(keys) == seen)
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        try await bench.expectBlobFiles(Self.hostile.count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder) == outside)
        let files = FileManager.default.enumerator(atPath: bench.folder)?.allObjects as? [String] ?? []
        #expect(!files.contains { $0.contains("passwd") || $0.contains("absolute") })
    }

    @Test func lengths() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let longest = String(repeating: "k", count: 1024)
        #expect(try await bench.send("PUT", "/bucket/\(longest)", [], "v".bytes).status == 200)
        #expect(try await bench.send("GET", "/bucket/\(longest)").text == "v")
        bench.expect(
            try await bench.send("PUT", "/bucket/\(longest)k"), 400, "KeyTooLongError",
            "Your key is too long", ["<Size>1025</Size><MaxSizeAllowed>1024</MaxSizeAllowed>"])
    }

    @Test func noKeyHasANulCharacter() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send("PUT", "/bucket/a%00b"), 400, "InvalidURI",
            "Couldn't parse the specified URI.", ["<URI>a%00b</URI>"])
    }

    @Test(arguments: ["%", "%4", "%zz", "%FF", "%C3%28"])
    func undecodable(_ path: String) async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send("PUT", "/bucket/\(path)"), 400, "InvalidURI",
            "Couldn't parse the specified URI.", ["<URI>/bucket/\(path)</URI>"])
    }

    @Test func pathAndVirtualHostNameTheSame() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        try await bench.send("PUT", "/dir//x%2Fy", [], "v".bytes, host: "bucket.localhost:4566")
        #expect(try await bench.send("GET", "/bucket/dir//x/y").text == "v")
        #expect(
            try await bench.send("GET", "/?list-type=2", host: "bucket.localhost").element("Key")
                == "dir//x/y")
    }
}
