import Bytes
import Testing

@testable import Objects

@Suite struct MultipartFormParserTests {
    /// The parts with their contents, from a body fed in pieces of one size.
    private func parts(
        _ body: String, boundary: String = "b", pieces: Int
    ) throws -> [(MultipartFormParser.Part, [UInt8])] {
        var parser = try #require(
            MultipartFormParser(contentType: "multipart/form-data; boundary=\"\(boundary)\""))
        var parts: [(MultipartFormParser.Part, [UInt8])] = []
        var rest = body.bytes[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { piece in
                try parser.feed(piece) { event in
                    switch event {
                    case .part(let part): parts.append((part, []))
                    case .content(let bytes): parts[parts.count - 1].1 += bytes
                    case .partEnd: break
                    }
                }
            }
            rest = rest.dropFirst(pieces)
        }
        try parser.finish()
        return parts
    }

    private func head(_ name: String, _ more: String = "") -> String {
        "Content-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n"
    }

    @Test(arguments: [1, 2, 3, 5, 7, 1000]) func piecesMakeNoDifference(_ pieces: Int) throws {
        let content = "\r\n--\r\r\n--a\r\n-\r\n--\r\n"
        let body =
            "preamble\r\n--b \t\r\nX-Other: 1\r\n" + head("a") + "1\r\n--b\r\n"
            + head("file", "; filename=\"x.txt\"") + content + "\r\n--b--\r\nepilogue"
        let found = try parts(body, pieces: pieces)
        #expect(found.map(\.0.name) == ["a", "file"])
        #expect(found.map(\.0.filename) == [nil, "x.txt"])
        #expect(found.map { String(utf8: $0.1) } == ["1", content])
    }

    @Test(arguments: [1, 1000]) func aBodyMayBeginWithItsBoundary(_ pieces: Int) throws {
        let found = try parts("--b\r\n" + head("a") + "\r\n--b--", pieces: pieces)
        #expect(found.map { String(utf8: $0.1) } == [""])
    }

    @Test(arguments: [
        "", "x", "--b", "--b\r\n", "--b\r\nno colon\r\n\r\n", "--bc\r\n", "--b\r\n\r\nnameless\r\n--b--",
        "--b\r\nContent-Disposition: file; name=\"a\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\n--b--\r\n",
    ])
    func refusals(_ body: String) {
        #expect(throws: MultipartFormParser.Malformed.self) { try parts(body, pieces: 4) }
    }

    @Test func aHeadHasALimit() {
        let body = "--b\r\nX: " + String(repeating: "x", count: 9000) + "\r\n" + head("a") + "\r\n--b--"
        #expect(throws: MultipartFormParser.Malformed.self) { try parts(body, pieces: 100) }
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
    ])
    func noBoundary(_ type: String) {
        #expect(MultipartFormParser(contentType: type) == nil)
    }

    @Test func parametersOfFields() {
        let fields = FieldParameters(
            " Form-Data ; NAME=a; filename=\"C:\\x\\\"y;z\"; filename*=utf-8'de'%C3%BC.txt")
        #expect(fields.value == "form-data")
        #expect(fields["name"] == "a")
        #expect(fields["filename"] == "C:\\x\"y;z")
        #expect(fields.extended("filename") == "ü.txt")
        #expect(fields["absent"] == nil)
    }
}
