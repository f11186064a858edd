import JSON
import Net
import Testing

@testable import App

@Suite struct SourceMapTests {
    private let description: JSONValue = [
        "products": [
            ["name": "one", "targets": ["One"]], ["name": "two", "targets": ["Two"]],
            ["name": "tool", "targets": ["Tool"]],
        ],
        "targets": [
            ["name": "One", "path": "Functions/One", "target_dependencies": ["Base"]],
            ["name": "Two", "path": "Functions/Two", "target_dependencies": ["More"]],
            ["name": "More", "path": "Shared/More", "target_dependencies": ["Base"]],
            ["name": "Base", "path": "Shared/Base"], ["name": "Inner", "path": "Shared/Base/Inner"],
            ["name": "Tool", "path": "Tool", "target_dependencies": ["Base"]],
        ],
    ]

    @Test(arguments: [
        ("Functions/One/main.swift", ["one"]), ("Functions/Two/Deep/Rules.swift", ["two"]),
        ("Shared/More/a.swift", ["two"]), ("Shared/Base/a.swift", ["one", "two"]),
        ("Shared/Base/include/a.h", ["one", "two"]), ("Shared/Base/Inner/a.swift", []),
        ("Tool/main.swift", []),
        ("Functions/One/.main.swift", []), ("Functions/One/#main.swift", []), ("Functions/One/notes.txt", []),
        ("Functions/OneMore/main.swift", []),
    ])
    func onlyWhatIsMadeOfAFileIsBuilt(file: String, products: [String]) throws {
        let map = try #require(
            SourceMap(description: description, root: "/p", products: ["one", "two"]))
        #expect(map.products(of: "/p/" + file) == Set(products))
    }

    @Test func withoutADescriptionFoldersHaveToTell() {
        let map = SourceMap(root: "/p", products: ["one", "two"])
        #expect(map.products(of: "/p/Functions/One/main.swift") == ["one"])
        #expect(map.products(of: "/p/Shared/Any/a.swift") == ["one", "two"])
        #expect(map.products(of: "/p/Tests/a.swift").isEmpty)
    }

    @Test func whatIsNoDescriptionIsRefused() {
        #expect(SourceMap(description: ["name": "x"], root: "/p", products: ["one"]) == nil)
    }
}

@Suite struct CompilerOutputTests {
    private let output = CompilerOutput(
        """
        Building for debugging...
        [0/4] Write swift-version.txt
        [3/7] Compiling One Rules.swift
        /p/One/Rules.swift:4:9: error: cannot find 'x' in scope
        2 |
        4 |     x
          |     `- error: cannot find 'x' in scope
        /p/One/Rules.swift:4:9: error: cannot find 'x' in scope
        error: fatalError

        """)

    @Test func errorsAreFoundOnce() {
        #expect(
            output.errors == [
                .init(file: "/p/One/Rules.swift", line: 4, column: 9, text: "cannot find 'x' in scope")
            ])
    }

    @Test func whatIsToldTwiceIsShownOnce() {
        let error = "/p/A.swift:1:5: error: no\n1 | x\n  |   `- error: no\n"
        let other = "/p/A.swift:2:5: error: no\n2 | x\n"
        let output = CompilerOutput(error + "2 | \nerror: emit-module failed\n" + error + "2 | \n" + other)
        #expect(output.text == (error + "2 | \nerror: emit-module failed\n" + other).dropLast())
        #expect(output.errors.map(\.line) == [1, 2])
    }

    @Test func clangsFatalErrorsAreErrors() {
        let output = CompilerOutput("/p/a.c:1:10: fatal error: 'no.h' file not found\n")
        #expect(output.errors == [.init(file: "/p/a.c", line: 1, column: 10, text: "'no.h' file not found")])
    }

    @Test(arguments: [
        (3, 0, "swift: exit code 3"), (0, 9, "swift: ended by signal 9"),
    ])
    func aBuildThatEndsWithoutWordsIsToldByItsEnd(code: Int, signal: Int, words: String) {
        let outcome = SwiftTool.Outcome(
            status: .init(code: code, signal: signal), output: [], errors: [], duration: 1)
        #expect(outcome.words.text == words)
    }

    @Test func progressIsLeftOut() {
        #expect(output.text.hasPrefix("/p/One/Rules.swift:4:9"))
        #expect(output.text.hasSuffix("error: fatalError"))
    }
}

@Suite struct JSONDifferenceTests {
    private func lines(_ before: String, _ after: String) throws -> [String] {
        try JSONDifference.list(JSONValue.parse(before), JSONValue.parse(after)).map(\.line)
    }

    @Test(arguments: [
        ("{}", "{}", []), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, []), ("1", "2", ["~ answer: 1 -> 2"]),
        (#"{"a":{"b":1}}"#, #"{"a":{"b":2}}"#, ["~ a.b: 1 -> 2"]),
        (#"{"a":[1,2]}"#, #"{"a":[1,3,4]}"#, ["~ a[1]: 2 -> 3", "+ a[2]: 4"]),
        (#"{"a":1}"#, #"{"b":1}"#, ["- a: 1", "+ b: 1"]),
        (#"{"body":"{\"n\":1}"}"#, #"{"body":"{\"n\":2}"}"#, ["~ body.n: 1 -> 2"]),
        (#"{"body":"{}"}"#, #"{"body":"{ }"}"#, []),
        (#"{"body":"{\"a\":1,\"b\":2}"}"#, #"{"body":"{\"b\":2,\"a\":1}"}"#, []),
        (#"{"a":null}"#, #"{"a":[]}"#, ["~ a: null -> []"]),
    ])
    func differencesAreNamedByTheirPath(before: String, after: String, expected: [String]) throws {
        #expect(try lines(before, after) == expected)
    }
}

@Suite struct MaskingTests {
    private func masked(_ json: String) throws -> (text: String, paths: [String]) {
        let result = Masking.mask(try JSONValue.parse(json))
        return (result.document.encodedString(), result.paths.map { "\($0)" })
    }

    @Test func credentialsInHeadersAreMasked() throws {
        let result = try masked(
            #"{"headers":{"Authorization":"Bearer s3cret","accept":"*/*","X-Api-Key":"s3cret"}}"#)
        #expect(!result.text.contains("s3cret") && result.text.contains("*/*"))
        #expect(result.paths == ["headers.Authorization", "headers.X-Api-Key"])
    }

    @Test func listsOfHeadersAreMasked() throws {
        let result = try masked(#"{"multiValueHeaders":{"cookie":["a=s3cret","b=s3cret"]}}"#)
        #expect(!result.text.contains("s3cret"))
    }

    @Test func cookiesKeepTheirNames() throws {
        let result = try masked(#"{"cookies":["session=s3cret; Path=/"]}"#)
        #expect(result.text == #"{"cookies":["session=***masked***"]}"#)
    }

    @Test func queriesAreMaskedInBothForms() throws {
        let result = try masked(
            #"{"rawQueryString":"a=1&token=s3cret","queryStringParameters":{"a":"1","token":"s3cret"}}"#)
        #expect(!result.text.contains("s3cret") && result.text.contains("a=1&token="))
    }

    @Test func whatHasNoSecretsStaysAsItIs() throws {
        for text in [#"{"Records":[{"body":"x"}]}"#, "[1]", #"{"headers":{"accept":"*/*"}}"#] {
            let result = try masked(text)
            #expect(result.text == text && result.paths.isEmpty)
        }
    }
}
