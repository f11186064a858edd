import Bytes
import Foundation
import HTTPTypes
import Testing

@Suite struct HTTPHeadersTests {
    @Test func lookupIgnoresCase() {
        let headers: HTTPHeaders = ["Content-Type": "a", "X-A": "1", "x-a": "2"]
        #expect(headers["content-type"] == "a")
        #expect(headers["CONTENT-TYPE"] == "a")
        #expect(headers["x-A"] == "1")
        #expect(headers.values("X-a") == ["1", "2"])
        #expect(headers["x-b"] == nil)
        #expect(headers.contains("x-a") && !headers.contains("x"))
        #expect(headers.count == 3)
    }

    /// Only letters have a case: `@` and `` ` `` differ by the same bit as `A` and `a`.
    @Test func onlyLettersFold() {
        #expect(HTTPHeaders(["X@": "1"].map { ($0, $1) })["x`"] == nil)
        #expect(HTTPHeaders(["X[": "1"].map { ($0, $1) })["x{"] == nil)
        #expect(!HTTPHeaders.sameName("É", "é"))
        #expect(HTTPHeaders.sameName("ÉA", "Éa"))
    }

    @Test func originalCaseAndOrderStay() {
        let headers: HTTPHeaders = ["B": "1", "a": "2", "C": "3"]
        #expect(headers.map(\.name) == ["B", "a", "C"])
        #expect(headers.map(\.value) == ["1", "2", "3"])
    }

    @Test func settingReplacesAll() {
        var headers: HTTPHeaders = ["A": "1", "X": "2", "a": "3"]
        headers["a"] = "4"
        #expect(headers.map(\.name) == ["a", "X"])
        #expect(headers.values("A") == ["4"])
        headers["new"] = "5"
        #expect(headers.map(\.name) == ["a", "X", "new"])
        headers["A"] = nil
        headers.remove("NEW")
        #expect(headers.map(\.name) == ["X"])
        headers.add("x", "6")
        #expect(headers.values("x") == ["2", "6"])
    }

    @Test func equality() {
        let a: HTTPHeaders = ["A": "1", "B": "2"]
        #expect(a == ["a": "1", "b": "2"])
        #expect(a != ["B": "2", "A": "1"])
        #expect(a != ["A": "1"])
        #expect(a != ["A": "1", "B": "3"])
    }
}

@Suite struct HTTPMessageTests {
    @Test(arguments: [
        ("/a/b", "/a/b", ""), ("/a?b=c", "/a", "b=c"), ("/?", "/", ""), ("/a?b?c", "/a", "b?c"),
        ("*", "*", ""),
        ("/%3F?x=%20", "/%3F", "x=%20"),
    ])
    func targetParts(target: String, path: String, query: String) {
        let request = HTTPRequest(target: target)
        #expect(request.path == path)
        #expect(request.rawQuery == query)
    }

    @Test func defaults() {
        let request = HTTPRequest()
        #expect(request.method == "GET" && request.target == "/" && request.body.length == 0)
        #expect(request.peerAddress == "127.0.0.1")
        #expect(HTTPResponse().status == 200)
    }

    @Test func reasons() {
        #expect(HTTPResponse.reason(200) == "OK")
        #expect(HTTPResponse.reason(404) == "Not Found")
        #expect(HTTPResponse.reason(503) == "Service Unavailable")
        #expect(HTTPResponse.reason(599) == "Unknown")
    }
}

@Suite struct HTTPBodyTests {
    /// A file of its own in the temporary folder.
    private func file(_ bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "body-\(UUID4.make())"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func bytes() throws {
        let body = HTTPBody.bytes([1, 2, 3])
        #expect(body.length == 3)
        #expect(body.bytes == [1, 2, 3])
        #expect(try body.readAll() == [1, 2, 3])
    }

    @Test func spooledFileGoesWithTheBody() throws {
        let path = try file([1, 2, 3])
        do {
            let body = HTTPBody.spooled(SpooledBody(path: path, length: 3))
            #expect(body.length == 3)
            #expect(body.bytes == nil)
            #expect(try body.readAll() == [1, 2, 3])
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func takenFileStays() throws {
        let path = try file([1])
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let spooled = SpooledBody(path: path, length: 1)
            #expect(spooled.take() == path)
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func partOfAFile() throws {
        let path = try file(Array(0..<100))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        do {
            let body = HTTPBody.file(OpenFile(adopting: descriptor), offset: 10, length: 5)
            #expect(body.length == 5)
            #expect(try body.readAll() == [10, 11, 12, 13, 14])
            let beyond = HTTPBody.file(OpenFile(adopting: dup(descriptor)), offset: 98, length: 5)
            #expect(throws: BodyReadError.self) { try beyond.readAll() }
        }
    }

    @Test func piecesFollowEachOther() throws {
        let path = try file(Array(0..<100))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let pieces: [PiecedBody.Piece] = [
            .bytes([200, 201]), .file(path: path, offset: 90, length: 5), .bytes([]),
            .file(path: path, offset: 3, length: 1),
        ]
        let body = HTTPBody.pieces(PiecedBody(pieces))
        #expect(body.length == 8)
        #expect(body.bytes == nil)
        #expect(try body.readAll() == [200, 201, 90, 91, 92, 93, 94, 3])
    }

    @Test func everySliceOfPiecesIsThatOfTheirBytes() throws {
        let path = try file(Array(0..<20))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let body = PiecedBody([
            .file(path: path, offset: 2, length: 4), .bytes([100, 101, 102]), .bytes([]),
            .file(path: path, offset: 10, length: 3),
        ])
        let whole = try HTTPBody.pieces(body).readAll()
        for start in 0...whole.count {
            for end in start...whole.count {
                let slice = body.slice(Int64(start)..<Int64(end))
                #expect(slice.length == Int64(end - start))
                #expect(try HTTPBody.pieces(slice).readAll() == Array(whole[start..<end]))
            }
        }
    }

    @Test func aSliceKeepsTheKeeperAndOpensNoOtherFile() throws {
        final class Keeper: Sendable {}
        weak var kept: Keeper?
        var slice: PiecedBody?
        do {
            let keeper = Keeper()
            kept = keeper
            let whole = PiecedBody(
                [.file(path: "/nonexistent/file", offset: 0, length: 9), .bytes([1, 2])], keeper: keeper)
            slice = whole.slice(10..<11)
        }
        #expect(kept != nil)
        #expect(try slice.map { try HTTPBody.pieces($0).readAll() } == [2])
        slice = nil
        #expect(kept == nil)
    }

    @Test func missingFileIsAnError() {
        let body = HTTPBody.spooled(SpooledBody(path: "/nonexistent/file", length: 1))
        let error = #expect(throws: BodyReadError.self) { try body.readAll() }
        #expect(error?.description == "open failed: No such file or directory")
    }
}
