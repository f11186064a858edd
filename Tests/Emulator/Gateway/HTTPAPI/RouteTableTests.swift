import Testing

@testable import Gateway

/// Selection rules: "Routing API requests", HTTP API developer guide.
@Suite struct RouteTableTests {
    private static func table(_ keys: [String]) throws -> RouteTable {
        try RouteTable(routes: keys.map { HTTPAPIRoute(key: $0, function: "f") })
    }

    private static let guide = [
        "GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default",
    ]

    struct Case: Sendable {
        let routes: [String]
        let method: String
        let path: String
        let winner: String?
        var parameters: [String: String] = [:]
    }

    @Test(arguments: [
        // The developer guide's own example, line by line.
        Case(routes: guide, method: "GET", path: "/pets/dog/1", winner: "GET /pets/dog/1"),
        Case(
            routes: guide, method: "GET", path: "/pets/dog/2", winner: "GET /pets/dog/{id}",
            parameters: ["id": "2"]),
        Case(
            routes: guide, method: "GET", path: "/pets/cat/1", winner: "GET /pets/{proxy+}",
            parameters: ["proxy": "cat/1"]),
        Case(
            routes: guide, method: "POST", path: "/test/5", winner: "ANY /{proxy+}",
            parameters: ["proxy": "test/5"]),
        Case(routes: guide, method: "GET", path: "/", winner: "$default"),
        // A method beats ANY on the same path; ANY beats nothing.
        Case(routes: ["ANY /a", "GET /a"], method: "GET", path: "/a", winner: "GET /a"),
        Case(routes: ["ANY /a", "GET /a"], method: "PUT", path: "/a", winner: "ANY /a"),
        // A full match with the wrong method does not stop a greedy ANY.
        Case(
            routes: ["GET /a/{x}", "ANY /{proxy+}"], method: "POST", path: "/a/1", winner: "ANY /{proxy+}",
            parameters: ["proxy": "a/1"]),
        // A literal branch that fails backtracks to the variable one, and leaks no parameter.
        Case(
            routes: ["GET /a/b/c", "GET /{x}/b/d"], method: "GET", path: "/a/b/d", winner: "GET /{x}/b/d",
            parameters: ["x": "a"]),
        Case(
            routes: ["GET /{x}/{y}/c", "GET /{z+}"], method: "GET", path: "/1/2/d", winner: "GET /{z+}",
            parameters: ["z": "1/2/d"]),
        Case(
            routes: ["GET /a/b", "POST /a/{x}"], method: "POST", path: "/a/b", winner: "POST /a/{x}",
            parameters: ["x": "b"]),
        // The longest prefix wins among greedy routes.
        Case(
            routes: ["GET /{all+}", "GET /a/{rest+}"], method: "GET", path: "/a/b/c",
            winner: "GET /a/{rest+}",
            parameters: ["rest": "b/c"]),
        // A greedy variable needs at least one segment.
        Case(routes: ["GET /{all+}"], method: "GET", path: "/", winner: nil),
        Case(routes: ["GET /a/{rest+}"], method: "GET", path: "/a", winner: nil),
        // A trailing slash counts.
        Case(routes: ["GET /pets"], method: "GET", path: "/pets/", winner: nil),
        Case(routes: ["GET /pets/{id}"], method: "GET", path: "/pets/", winner: nil),
        // Nothing is normalised.
        Case(routes: ["GET /a/b"], method: "GET", path: "/a//b", winner: nil),
        Case(routes: ["GET /a"], method: "GET", path: "/A", winner: nil),
        // HEAD is not GET.
        Case(routes: ["GET /a"], method: "HEAD", path: "/a", winner: nil),
        // Values are decoded segment by segment.
        Case(
            routes: ["GET /n/{id}"], method: "GET", path: "/n/a%2Fb%20c", winner: "GET /n/{id}",
            parameters: ["id": "a/b c"]),
        Case(
            routes: ["GET /n/{id}"], method: "GET", path: "/n/%E4%BD%A0", winner: "GET /n/{id}",
            parameters: ["id": "你"]),
        Case(
            routes: ["GET /x/{a}/y/{b}"], method: "GET", path: "/x/1/y/2", winner: "GET /x/{a}/y/{b}",
            parameters: ["a": "1", "b": "2"]),
        Case(
            routes: ["GET /x/{a}", "DELETE /x/{other}"], method: "DELETE", path: "/x/1",
            winner: "DELETE /x/{other}",
            parameters: ["other": "1"]),
        Case(routes: [], method: "GET", path: "/", winner: nil),
        Case(routes: ["GET /"], method: "GET", path: "/", winner: "GET /"),
        Case(routes: ["$default"], method: "PURGE", path: "/any/thing", winner: "$default"),
    ])
    func selects(_ test: Case) throws {
        let match = try Self.table(test.routes).match(method: test.method, path: test.path)
        #expect(match?.route.key == test.winner)
        if let match { #expect(match.pathParameters == test.parameters) }
    }

    @Test(arguments: [
        (["GET /a/{x}", "GET /a/{y}"], "GET /a/{y}"), (["GET /a", "GET /a"], "GET /a"),
        (["$default", "$default"], "$default"), (["ANY /{a+}", "ANY /{b+}"], "ANY /{b+}"),
    ])
    func refusesClashesNamingBoth(_ keys: [String], _ second: String) {
        do {
            _ = try Self.table(keys)
            Issue.record("accepted \(keys)")
        } catch {
            #expect("\(error)".contains("'\(second)' clashes with '\(keys[0])'"))
        }
    }

    @Test(arguments: [
        "GET", "GET a", "get /a", "FETCH /a", "GET /a/{x+}/b", "GET /a/{}", "GET /a/{x}y", "GET /{x}/{x}",
        "GET /{+}",
        "", "GET  /a",
    ])
    func refusesWhatIsNoRouteKey(_ key: String) {
        #expect(throws: RouteError.self) { try Self.table([key]) }
    }

    @Test func explainsTheWinner() throws {
        let table = try Self.table(Self.guide)
        #expect(table.explain(method: "GET", path: "/pets/dog/2").contains("{id} = 2"))
        #expect(table.explain(method: "GET", path: "/").contains("$default takes the rest"))
        let other = try Self.table(["GET /a"]).explain(method: "POST", path: "/a")
        #expect(other.contains("404") && other.contains("routes for GET"))
    }
}
