import Testing

@testable import Expressions

@Suite struct ProjectionExpressionTests {
    static let faults: [(String, String)] = [
        ("", "The expression can not be empty;"),
        ("a,", #"Syntax error; token: "<EOF>", near: ",""#),
        ("a b", #"Syntax error; token: "b", near: "a b""#),
        (":n", #"Syntax error; token: ":n", near: ":n""#),
        ("a, name", ConditionErrorTests.reserved + "name"),
        // `size` is a reserved word, but the parenthesis behind it stops the parser.
        ("size(a)", #"Syntax error; token: "(", near: "size(a""#),
        ("#missing", ConditionErrorTests.noName + "#missing"),
        ("a, #a", UpdateExpressionTests.overlap + "path one: [a], path two: [a]"),
        ("a.b, a", UpdateExpressionTests.overlap + "path one: [a, b], path two: [a]"),
        ("a.b, a[1]", UpdateExpressionTests.conflict + "path one: [a, b], path two: [a, [1]]"),
    ]

    @Test(arguments: faults) func fault(_ expression: String, _ expected: String) {
        let found = message {
            var attributes = sharedAttributes()
            _ = try ProjectionExpression.parse(expression, attributes: &attributes)
        }
        #expect(found == "Invalid ProjectionExpression: " + expected, "\(expression)")
    }

    static let results: [(String, String)] = [
        ("a", #"{"a":{"N":"1"}}"#),
        ("gone", "{}"),
        ("a, gone, s", #"{"a":{"N":"1"},"s":{"S":"x"}}"#),
        ("l[2], l[0]", #"{"l":{"L":[{"N":"0"},{"N":"2"}]}}"#),
        ("l[9]", "{}"),
        ("m.k", #"{"m":{"M":{"k":{"S":"v"}}}}"#),
        ("m.k, m.d.e", #"{"m":{"M":{"k":{"S":"v"},"d":{"M":{"e":{"L":[{"S":"p"},{"S":"q"}]}}}}}}"#),
        ("m.d.e[1]", #"{"m":{"M":{"d":{"M":{"e":{"L":[{"S":"q"}]}}}}}}"#),
        ("m.x, a.b, l.k", "{}"), ("m[0]", "{}"),
        ("#n", #"{"name":{"S":"r"}}"#),
    ]

    @Test(arguments: results) func result(_ expression: String, _ expected: String) throws {
        var attributes = sharedAttributes()
        let stored = try item(
            #"{"a":{"N":"1"},"s":{"S":"x"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]},"name":{"S":"r"},"#
                + #""m":{"M":{"k":{"S":"v"},"d":{"M":{"e":{"L":[{"S":"p"},{"S":"q"}]}}}}}}"#)
        let projection = try ProjectionExpression.parse(expression, attributes: &attributes)
        #expect(try projection.project(stored) == item(expected), "\(expression)")
    }
}

@Suite struct KeyConditionExpressionTests {
    static let faults: [(String, String)] = [
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
        ("name = :n", "Invalid KeyConditionExpression: \(ConditionErrorTests.reserved)name"),
        ("a = :missing", "Invalid KeyConditionExpression: \(ConditionErrorTests.noValue):missing"),
        ("a = :n OR b = :n", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT a = :n", "Invalid operator used in KeyConditionExpression: NOT"),
        ("a IN (:n)", "Invalid operator used in KeyConditionExpression: IN"),
        ("a <> :n", "Invalid operator used in KeyConditionExpression: <>"),
        ("contains(a, :s)", "Invalid operator used in KeyConditionExpression: contains"),
        ("attribute_exists(a)", "Invalid operator used in KeyConditionExpression: attribute_exists"),
        (
            "attribute_type(a, :typeS)",
            "Invalid operator used in KeyConditionExpression: attribute_type"
        ),
        ("a = :n AND a > :m", "KeyConditionExpressions must only contain one condition per key"),
        ("a.b = :n", "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("a[0] = :n", "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("size(a) = :n", "KeyConditionExpressions cannot contain nested operations"),
        (":n = :m", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        (
            "a = b",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
        ),
        (
            "begins_with(:s, a)",
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key "
                + "attribute as its first operand"
        ),
        (
            ":n BETWEEN a AND :n",
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute "
                + "as its first operand"
        ),
    ]

    @Test(arguments: faults) func fault(_ expression: String, _ expected: String) {
        let found = message {
            var attributes = sharedAttributes()
            _ = try KeyConditionExpression.parse(expression, attributes: &attributes)
        }
        #expect(found == expected, "\(expression)")
    }

    @Test func sidesAndParentheses() throws {
        var attributes = sharedAttributes()
        let parsed = try KeyConditionExpression.parse("(:n = a AND :m < b)", attributes: &attributes)
        #expect(parsed.conditions.map(\.attribute) == ["a", "b"])
        #expect(parsed.conditions[0].matches(number("5")))
        #expect(!parsed.conditions[0].matches(number("4")))
        #expect(parsed.conditions[1].matches(number("2")))
        #expect(!parsed.conditions[1].matches(number("1")))
        let range = try KeyConditionExpression.parse("a BETWEEN :m AND :n", attributes: &attributes)
        #expect(range.conditions[0].matches(number("1")) && range.conditions[0].matches(number("5")))
        #expect(!range.conditions[0].matches(number("5.1")))
        let prefix = try KeyConditionExpression.parse("begins_with(a, :te)", attributes: &attributes)
        #expect(prefix.conditions[0].matches(.s("tea")) && !prefix.conditions[0].matches(.s("at")))
    }
}
