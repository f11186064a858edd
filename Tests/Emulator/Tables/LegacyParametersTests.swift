import Expressions
import JSON
import Testing

@testable import Tables

/// What the legacy parameters are translated into, without a table.
@Suite struct LegacyParametersTests {
    private func parameters(
        _ input: String, _ known: [LegacyParameters.Parameter]
    ) throws -> LegacyParameters {
        try LegacyParameters(InputReader(JSONValue.parse(input).object ?? JSONObject()), known)
    }

    private func message<T>(_ body: () throws -> T) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? ValidationError)?.message ?? "\(error)"
        }
    }

    @Test func parametersOfOtherOperationsAreNotRead() throws {
        let parameters = try parameters(#"{"ScanFilter": 1, "Expected": {}}"#, [.expected])
        #expect(try parameters.condition() == nil)
        #expect(!parameters.hasFilter)
    }

    @Test func nothingGivenIsNothingAsked() throws {
        let parameters = try parameters(
            "{}", [.attributesToGet, .attributeUpdates, .expected, .keyConditions])
        #expect(try parameters.condition() == nil)
        #expect(try parameters.projection() == nil)
        #expect(try parameters.update() == nil)
        #expect(try parameters.keyTests() == nil)
        #expect(try parameters.updateValues().isEmpty)
        try parameters.check(against: ["ConditionExpression"])
    }

    @Test func pathsAreWholeNames() throws {
        let parameters = try parameters(
            #"{"Expected": {"a.b": {"Exists": false}, "c[0]": {"Value": {"N": "1"}}}}"#, [.expected])
        let condition = try #require(try parameters.condition())
        #expect(condition.paths == [DocumentPath(head: "a.b"), DocumentPath(head: "c[0]")])
        #expect(condition.evaluate(["c[0]": .n(DecimalNumber(1))]))
        #expect(!condition.evaluate(["c[0]": .n(DecimalNumber(1)), "a.b": .null]))
    }

    @Test(arguments: [
        ("AND", ["a": "1", "b": "1"], true), ("AND", ["a": "1"], false),
        ("OR", ["a": "1"], true), ("OR", ["b": "1"], true), ("OR", [:], false),
    ])
    func conditionsAreJoined(_ joint: String, _ item: [String: String], _ expected: Bool) throws {
        let parameters = try parameters(
            #"{"ConditionalOperator": "\#(joint)", "ScanFilter": {"a": {"ComparisonOperator": "NOT_NULL"},"#
                + #""b": {"ComparisonOperator": "NOT_NULL"}}}"#,
            [.scanFilter, .conditionalOperator])
        try parameters.check(against: [])
        let condition = try #require(try parameters.condition())
        #expect(condition.evaluate(Item(item.map { (name: $0.key, value: .s($0.value)) })) == expected)
    }

    @Test func keyConditionsGoWithOtherExpressions() throws {
        let parameters = try parameters(
            #"{"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}}"#,
            [.queryFilter, .keyConditions])
        try parameters.check(against: ["ProjectionExpression", "FilterExpression"])
        #expect(
            message { try parameters.check(against: ["FilterExpression", "KeyConditionExpression"]) }
                == "Can not use both expression and non-expression parameters in the same request: "
                + "Non-expression parameters: {KeyConditions} Expression parameters: {FilterExpression, "
                + "KeyConditionExpression}")
    }

    @Test(arguments: [
        ("EQ", #"[{"S":"b"}]"#, ["b"]), ("LT", #"[{"S":"b"}]"#, ["a"]), ("LE", #"[{"S":"b"}]"#, ["a", "b"]),
        ("GT", #"[{"S":"b"}]"#, ["c"]), ("GE", #"[{"S":"b"}]"#, ["b", "c"]),
        ("BETWEEN", #"[{"S":"b"},{"S":"c"}]"#, ["b", "c"]), ("BEGINS_WITH", #"[{"S":"c"}]"#, ["c"]),
        ("NE", #"[{"S":"b"}]"#, []), ("NULL", "[]", []),
    ])
    func keyTests(_ name: String, _ values: String, _ expected: [String]) throws {
        let parameters = try parameters(
            #"{"KeyConditions": {"k": {"ComparisonOperator": "\#(name)", "AttributeValueList": \#(values)}}}"#,
            [.keyConditions])
        let test = try #require(try parameters.keyTests()?.first)
        #expect(test.attribute == "k")
        #expect(["a", "b", "c"].filter { test.matches(.s($0)) } == expected)
    }

    @Test func addAppendsToLists() throws {
        let parameters = try parameters(
            #"{"AttributeUpdates": {"l": {"Action": "ADD", "Value": {"L": [{"S": "y"}]}}}}"#,
            [.attributeUpdates])
        let update = try #require(try parameters.update())
        #expect(try update.apply(to: ["l": .l([.s("x")])]) == ["l": .l([.s("x"), .s("y")])])
        #expect(try update.apply(to: [:]) == ["l": .l([.s("y")])])
        #expect(update.createsItem)
        #expect(
            message { try update.apply(to: ["l": .s("x")]) } == "Type mismatch for attribute to update")
    }

    @Test func namesThatLookAlikeAreDifferent() throws {
        // The same letter, composed and decomposed.
        let parameters = try parameters(
            #"{"AttributesToGet": ["\u00e9", "e\u0301"]}"#, [.attributesToGet])
        let projection = try #require(try parameters.projection())
        #expect(projection.paths.count == 2)
        #expect(projection.project(["e\u{301}": .null, "other": .null]) == ["e\u{301}": .null])
    }

    @Test func aWrongOperatorIsNoTrap() throws {
        let parameters = try parameters(
            #"{"ScanFilter": {"a": {"ComparisonOperator": "LIKE", "AttributeValueList": []}}}"#, [.scanFilter]
        )
        var constraints = Constraints()
        parameters.constrain(&constraints)
        #expect(message { try constraints.check() } != nil)
        #expect(message { try parameters.condition() }?.contains("LIKE") == true)
    }
}
