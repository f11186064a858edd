import Testing

@testable import Gateway

@Suite struct RouteSelectionTests {
    private func key(_ expression: String, _ message: String) throws -> String? {
        try RouteSelection(expression).key(of: Array(message.utf8))
    }

    @Test func aMemberOfTheBody() throws {
        #expect(try key("$request.body.action", #"{"action":"x"}"#) == "x")
        #expect(try key("$request.body.a.b", #"{"a":{"b":"x"}}"#) == "x")
        #expect(try key("$request.body.a[1]", #"{"a":["x","y"]}"#) == "y")
        #expect(try key("$request.body.a.[0].b", #"{"a":[{"b":"x"}]}"#) == "x")
    }

    @Test func numbersAndBooleansAreText() throws {
        #expect(try key("$request.body.a", #"{"a":7}"#) == "7")
        #expect(try key("$request.body.a", #"{"a":1.5}"#) == "1.5")
        #expect(try key("$request.body.a", #"{"a":true}"#) == "true")
    }

    @Test(arguments: ["", "no json", "[]", "{}", #"{"a":null}"#, #"{"a":{}}"#, #"{"a":[]}"#, #""a""#])
    func whatHasNoValueHasNoKey(_ message: String) throws {
        #expect(try key("$request.body.a", message) == nil)
    }

    @Test func severalValuesAndLiterals() throws {
        let message = #"{"a":"x","b":"y"}"#
        #expect(try key("${request.body.a}/${request.body.b}", message) == "x/y")
        #expect(try key("${request.body.a}-fixed", message) == "x-fixed")
        #expect(try key("${request.body.a}/${request.body.c}", message) == nil)
        #expect(try key("fixed", message) == "fixed")
        #expect(try key("$default", message) == "$default")
    }

    @Test(
        arguments: [
            "", "$", "$request", "$request.body", "$request.body.", "$request.header.a", "${request.body.a",
            "${}", "${request.path}", "a$b", "$context.stage",
        ])
    func whatIsNoExpressionIsRefused(_ text: String) {
        #expect(throws: RouteSelection.Failure.self) { _ = try RouteSelection(text) }
    }
}
