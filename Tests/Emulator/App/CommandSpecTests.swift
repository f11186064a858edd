import Testing

@testable import App

@Suite struct CommandSpecTests {
    private let spec = CommandSpec(
        name: "try", summary: "Try.", arguments: "NAME", minimumArguments: 1, maximumArguments: 1,
        options: [.init("port", "N", "A port."), .init("json", "A flag.")], details: "", examples: [])

    @Test func acceptsBothSpellingsOfAValue() throws {
        let first = try ParsedArguments.parse(["a", "--port", "1", "--json"], for: spec)
        let second = try ParsedArguments.parse(["--json", "--port=1", "a"], for: spec)
        #expect(first.positionals == ["a"] && second.positionals == ["a"])
        #expect(first.values == ["port": "1"] && second.values == ["port": "1"])
        #expect(first.flags == ["json"] && second.flags == ["json"])
    }

    @Test(arguments: [
        (["a", "--prot", "1"], "Did you mean --port?"), (["a", "--port"], "needs a value"),
        (["a", "--json=1"], "takes no value"), ([], "NAME is missing"),
        (["a", "b"], "'b' is one argument too many"),
    ])
    func refusesWithARemedy(_ arguments: [String], _ part: String) {
        do {
            _ = try ParsedArguments.parse(arguments, for: spec)
            Issue.record("accepted \(arguments)")
        } catch {
            #expect(error.message.contains(part), "\(error.message)")
            #expect(error.code == .usage)
        }
    }

    @Test func boundsIntegers() throws {
        let parsed = try ParsedArguments.parse(["a", "--port", "70000"], for: spec)
        #expect(throws: CommandFailure.self) { try parsed.integer("port", default: 1, in: 0...65_535) }
        let absent = try ParsedArguments.parse(["a"], for: spec)
        #expect(try absent.integer("port", default: 1, in: 0...65_535) == 1)
    }

    @Test func helpNamesEveryOption() {
        for command in CommandTable.commands {
            for option in command.spec.options { #expect(command.spec.help.contains("--\(option.name)")) }
        }
    }

    @Test func editDistance() {
        #expect(Spelling.distance("kitten", "sitting") == 3)
        #expect(Spelling.closest(to: "helth", among: ["health", "weather"]) == "health")
        #expect(Spelling.closest(to: "zzz", among: ["health", "weather"]) == nil)
    }
}
