import Testing

@testable import Gateway

@Suite struct HTTPProxyTargetTests {
    private func url(_ template: String) -> String? {
        try? HTTPProxyTarget(template)?.url(
            path: { name in
                ["proxy": "a b/é?", "id": "7", "part": "../a/b"][name]
                    .map { .init($0, isGreedy: name == "proxy") }
            },
            stage: { ["host": "h.example:81", "x": "a/b?c=d", "url": "https://h"][$0] }
        ).description
    }

    @Test(
        arguments: [
            ("http://h", "http://h/"), ("http://h?a=b", "http://h/?a=b"), ("http://h/", "http://h/"),
            ("http://h?a=/b", "http://h/?a=/b"),
            ("http://H:8080/x/{id}", "http://h:8080/x/7"),
            ("https://h/{proxy}", "https://h/a%20b/%C3%A9%3F"),
            ("https://h/{proxy+}", "https://h/a%20b/%C3%A9%3F"),
            ("http://h/x?id={id}&y=z", "http://h/x?id=7&y=z"), ("http://h/x/{id}#part", "http://h/x/7"),
            ("http://h#part", "http://h/"), ("http://[::1]:80/{id}", "http://[::1]/7"),
            ("http://${stageVariables.host}/{id}", "http://h.example:81/7"),
            ("http://h/${stageVariables.x}", "http://h/a/b?c=d"),
            ("http://{id}.example/x", "http://7.example/x"),
            ("http://h/x/{part}", "http://h/x/..%2Fa%2Fb"), ("${stageVariables.url}/x/{id}", "https://h/x/7"),
            ("http://h{id}/x", "http://h7/x"), ("http://h:8{id}/x", "http://h:87/x"),
        ])
    func variablesAreFilledIn(_ template: String, _ expected: String) {
        #expect(url(template) == expected)
    }

    @Test(arguments: [
        "", "h/x", "ftp://h/", "http://", "http:///x", "http://h/{id", "http://h/${other.x}", "http://h/a b",
        "http://user@h/", "http://h:99999/", "http://h/{id}/a b",
    ])
    func whatIsNoURLIsRefused(_ template: String) {
        #expect(HTTPProxyTarget(template) == nil)
    }

    @Test(arguments: [
        ("..", false), (".", false), ("..", true), ("a/../b", true), ("a/..", true), ("../a", true),
    ])
    func aValueMustNotLeadOutOfItsFolder(_ text: String, _ isGreedy: Bool) throws {
        let target = try #require(HTTPProxyTarget("http://h/x/{a}"))
        #expect(throws: HTTPProxyTarget.Problem.dotSegment) {
            try target.url(path: { _ in .init(text, isGreedy: isGreedy) }, stage: { _ in nil })
        }
    }

    @Test(arguments: [("/a/../b", true), ("/a/%2e%2E", true), ("/a%2F..%2fb", true), ("/a..b/...", false)])
    func rawPathsThatLeadOutAreSeen(_ path: String, _ isSeen: Bool) {
        #expect(HTTPProxyTarget.hasDotSegment(path) == isSeen)
    }

    @Test(arguments: ["http://h/{none}", "http://h/${stageVariables.none}"])
    func aVariableWithoutAValueMakesNone(_ template: String) {
        #expect(url(template) == nil)
    }
}
