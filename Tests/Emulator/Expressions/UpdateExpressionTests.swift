import Testing

@testable import Expressions

@Suite struct UpdateExpressionTests {
    static let overlap =
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
    static let conflict =
        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
    static let function = "Incorrect operand type for operator or function; operator or function: "

    static let faults: [(String, String)] = [
        ("", "The expression can not be empty;"),
        ("whatever", #"Syntax error; token: "whatever", near: "whatever""#),
        ("SET", #"Syntax error; token: "<EOF>", near: "SET""#),
        ("SET a", #"Syntax error; token: "<EOF>", near: "a""#),
        ("SET a =", #"Syntax error; token: "<EOF>", near: "=""#),
        ("SET a = :n,", #"Syntax error; token: "<EOF>", near: ",""#),
        ("SET a = :n b = :m", #"Syntax error; token: "b", near: ":n b =""#),
        ("SET a = :n + :m + :m", #"Syntax error; token: "+", near: ":m + :m""#),
        ("SET a = :n * :m", #"Syntax error; token: "*", near: ":n * :m""#),
        ("SET a = if_not_exists(a, :n + :m)", #"Syntax error; token: "+", near: ":n + :m""#),
        ("SET add = :n", #"Syntax error; token: "add", near: "SET add =""#),
        ("SET = :n", #"Syntax error; token: "=", near: "SET = :n""#),
        ("REMOVE a = :n", #"Syntax error; token: "=", near: "a = :n""#),
        ("ADD a b", #"Syntax error; token: "b", near: "a b""#),
        ("DELETE a", #"Syntax error; token: "<EOF>", near: "a""#),
        ("SET a-b = :n", #"Syntax error; token: "-", near: "a-b""#),
        ("SET a = (:n", #"Syntax error; token: "<EOF>", near: ":n""#),
        ("SET name = :n", ConditionErrorTests.reserved + "name"),
        ("REMOVE a.Items[0]", ConditionErrorTests.reserved + "Items"),
        ("SET name = nofn(:missing)", ConditionErrorTests.reserved + "name"),
        ("SET a = nofn(b)", "Invalid function name; function: nofn"),
        ("SET a = size(b)", "The function is not allowed in an update expression; function: size"),
        ("SET a = List_append(b, :l)", "Invalid function name; function: List_append"),
        ("SET a = :n SET b = nofn(c)", "Invalid function name; function: nofn"),
        (
            "SET a = :n SET b = :missing",
            #"The "SET" section can only be used once in an update expression;"#
        ),
        ("remove a Remove b", #"The "REMOVE" section can only be used once in an update expression;"#),
        ("SET a = :missing, b = #missing", ConditionErrorTests.noName + "#missing"),
        ("SET a = :missing, a = :n", ConditionErrorTests.noValue + ":missing"),
        ("ADD a :missing", ConditionErrorTests.noValue + ":missing"),
        ("REMOVE #missing", ConditionErrorTests.noName + "#missing"),
        ("SET a = :n, a = :m", overlap + "path one: [a], path two: [a]"),
        ("SET a = :n REMOVE a.b", overlap + "path one: [a], path two: [a, b]"),
        ("SET a.b[1] = :n, #a.b = :m", overlap + "path one: [a, b, [1]], path two: [a, b]"),
        ("ADD a :n DELETE a :ss", overlap + "path one: [a], path two: [a]"),
        ("SET a.b = :n, a[0] = :m", conflict + "path one: [a, b], path two: [a, [0]]"),
        ("SET a.b = :n, a[0] = :n, c = :n, c = :n", overlap + "path one: [c], path two: [c]"),
        ("SET  REMOVE a", #"Syntax error; token: "REMOVE", near: "SET  REMOVE a""#),
        (
            "SET a = :n" + String(repeating: " ", count: 4087),
            "Expression size has exceeded the maximum allowed size;"
        ),
        (
            "ADD a :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING"
        ),
        ("ADD a :l", "Incorrect operand type for operator or function; operator: ADD, operand type: LIST"),
        ("ADD a :o", "Incorrect operand type for operator or function; operator: ADD, operand type: MAP"),
        (
            "DELETE a :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER"
        ),
        (
            "DELETE a :t",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: BOOLEAN"
        ),
        ("SET a = :s + :n", function + "+, operand type: S"),
        ("SET a = :n - :l", function + "-, operand type: L"),
        ("SET a = list_append(a, :n)", function + "list_append, operand type: N"),
        ("SET a = b, c = list_append(:s, :l)", function + "list_append, operand type: S"),
        (
            "SET a = if_not_exists(a)",
            "Incorrect number of operands for operator or function; operator or function: if_not_exists, "
                + "number of operands: 1"
        ),
        (
            "SET a = list_append(a, b, c)",
            "Incorrect number of operands for operator or function; operator or function: list_append, "
                + "number of operands: 3"
        ),
        (
            "SET a = if_not_exists(:n, :m)",
            "Operator or function requires a document path; operator or function: if_not_exists"
        ),
    ]

    @Test(arguments: faults) func fault(_ expression: String, _ expected: String) {
        let found = message {
            var attributes = sharedAttributes()
            _ = try UpdateExpression.parse(expression, attributes: &attributes)
        }
        #expect(found == "Invalid UpdateExpression: " + expected, "\(expression)")
    }

    static let before =
        #"{"a":{"N":"5"},"b":{"N":"2"},"s":{"S":"x"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]},"#
        + #""m":{"M":{"k":{"S":"v"},"n":{"N":"1"}}},"ss":{"SS":["a","b","c"]},"#
        + #""nest":{"L":[{"M":{"l":{"L":[{"N":"9"}]}}}]}}"#

    /// The changed attributes after the update; `null` means gone.
    static let effects: [(String, String)] = [
        ("SET a = :n", #"{"a":{"N":"5"}}"#),
        ("SET a = a + :m", #"{"a":{"N":"6"}}"#),
        ("SET a = :m - a", #"{"a":{"N":"-4"}}"#),
        ("SET a = (a + b)", #"{"a":{"N":"7"}}"#),
        ("SET a = (a) + (b)", #"{"a":{"N":"7"}}"#),
        ("SET a = b, b = a", #"{"a":{"N":"2"},"b":{"N":"5"}}"#),
        ("SET c = a REMOVE a", #"{"c":{"N":"5"},"a":null}"#),
        ("REMOVE a SET c = a", #"{"c":{"N":"5"},"a":null}"#),
        ("SET c = if_not_exists(c, :n)", #"{"c":{"N":"5"}}"#),
        ("SET c = if_not_exists(a, :s)", #"{"c":{"N":"5"}}"#),
        ("SET c = if_not_exists(c, :m) + :n", #"{"c":{"N":"6"}}"#),
        ("SET c = if_not_exists(c, if_not_exists(d, b))", #"{"c":{"N":"2"}}"#),
        ("SET c = list_append(:l, :l)", #"{"c":{"L":[{"N":"1"},{"S":"two"},{"N":"1"},{"S":"two"}]}}"#),
        (
            "SET c = list_append(if_not_exists(c, :l), :l)",
            #"{"c":{"L":[{"N":"1"},{"S":"two"},{"N":"1"},{"S":"two"}]}}"#
        ),
        ("SET l[1] = :s", #"{"l":{"L":[{"N":"0"},{"S":"text"},{"N":"2"},{"N":"3"}]}}"#),
        (
            "SET l[99] = :s, l[50] = :te",
            #"{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"te"},{"S":"text"}]}}"#
        ),
        ("REMOVE l[1], l[2]", #"{"l":{"L":[{"N":"0"},{"N":"3"}]}}"#),
        ("REMOVE l[2], l[0], l[7]", #"{"l":{"L":[{"N":"1"},{"N":"3"}]}}"#),
        ("SET l[0] = l[3] REMOVE l[3]", #"{"l":{"L":[{"N":"3"},{"N":"1"},{"N":"2"}]}}"#),
        ("SET m.x = :s", #"{"m":{"M":{"k":{"S":"v"},"n":{"N":"1"},"x":{"S":"text"}}}}"#),
        ("SET m.#n = m.k REMOVE m.k", #"{"m":{"M":{"n":{"N":"1"},"name":{"S":"v"}}}}"#),
        ("SET nest[0].l[0] = :m", #"{"nest":{"L":[{"M":{"l":{"L":[{"N":"1"}]}}}]}}"#),
        ("REMOVE nest[0].l[0]", #"{"nest":{"L":[{"M":{"l":{"L":[]}}}]}}"#),
        ("REMOVE m.k, m.n", #"{"m":{"M":{}}}"#),
        ("REMOVE gone", "{}"),
        ("REMOVE m.gone, l[77]", "{}"),
        ("ADD a :n", #"{"a":{"N":"10"}}"#),
        ("ADD c :n", #"{"c":{"N":"5"}}"#),
        ("ADD ss :ss", #"{}"#),
        ("ADD c :ss", #"{"c":{"SS":["a","b"]}}"#),
        ("ADD m.n :n", #"{"m":{"M":{"k":{"S":"v"},"n":{"N":"6"}}}}"#),
        ("ADD l[1] :n", #"{"l":{"L":[{"N":"0"},{"N":"6"},{"N":"2"},{"N":"3"}]}}"#),
        ("DELETE ss :ss", #"{"ss":{"SS":["c"]}}"#),
        ("DELETE ss :abc", #"{"ss":null}"#),
        ("DELETE gone :ss", "{}"),
        (
            "set a=:m add b :m remove s delete ss :ss",
            #"{"a":{"N":"1"},"b":{"N":"3"},"s":null,"ss":{"SS":["c"]}}"#
        ),
    ]

    @Test(arguments: effects) func effect(_ expression: String, _ changes: String) throws {
        var values = sharedValues
        values[":abc"] = .strings(["a", "b", "c"])
        var attributes = ExpressionAttributes(names: ["#n": "name"], values: values)
        let update = try UpdateExpression.parse(expression, attributes: &attributes)
        let old = try item(Self.before)
        var expected = old
        for (name, change) in try JSONText.object(changes) {
            expected[name] = change.isNull ? nil : try AttributeValue(json: change)
        }
        #expect(try update.apply(to: old) == expected, "\(expression)")
    }

    static let runTimeFaults: [(String, String)] = [
        ("SET a = gone", "The provided expression refers to an attribute that does not exist in the item"),
        (
            "SET a = gone + :n",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        ("SET a = l[9]", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET gone.x = :n", "The document path provided in the update expression is invalid for update"),
        ("SET a.x = :n", "The document path provided in the update expression is invalid for update"),
        ("SET m[0] = :n", "The document path provided in the update expression is invalid for update"),
        ("SET l.x = :n", "The document path provided in the update expression is invalid for update"),
        ("SET l[9].x = :n", "The document path provided in the update expression is invalid for update"),
        ("REMOVE gone.x", "The document path provided in the update expression is invalid for update"),
        ("REMOVE a[0]", "The document path provided in the update expression is invalid for update"),
        ("ADD gone.x :n", "The document path provided in the update expression is invalid for update"),
        ("SET a = s + :n", "An operand in the update expression has an incorrect data type"),
        ("SET a = list_append(a, :l)", "An operand in the update expression has an incorrect data type"),
        ("ADD s :n", "An operand in the update expression has an incorrect data type"),
        ("ADD a :ss", "An operand in the update expression has an incorrect data type"),
        ("ADD ss :ns", "An operand in the update expression has an incorrect data type"),
        ("DELETE a :ss", "An operand in the update expression has an incorrect data type"),
        ("DELETE ss :ns", "An operand in the update expression has an incorrect data type"),
    ]

    @Test(arguments: runTimeFaults) func runTimeFault(_ expression: String, _ expected: String) throws {
        var attributes = sharedAttributes()
        let update = try UpdateExpression.parse(expression, attributes: &attributes)
        let old = try item(Self.before)
        #expect(message { _ = try update.apply(to: old) } == expected, "\(expression)")
    }

    /// 3 bytes, 19 for a SET or ADD, 2 for a REMOVE or DELETE, and names and values written.
    @Test(arguments: [
        ("SET x = :s", 3 + 19 + 1 + 4), ("ADD x :n", 3 + 19 + 1 + 2), ("REMOVE a", 3 + 2),
        ("DELETE ss :ss", 3 + 2), ("SET m.wide = :s, x = :s REMOVE a, b", 3 + 2 * 19 + 2 * 2 + 5 + 4 + 1 + 4),
        ("SET l[99] = :s", 3 + 19 + 1),
    ])
    func writtenSize(_ expression: String, _ expected: Int) throws {
        var attributes = sharedAttributes()
        let update = try UpdateExpression.parse(expression, attributes: &attributes)
        #expect(update.writtenSize(in: try update.apply(to: item(Self.before))) == expected)
    }

    @Test func onlyRemovingDoesNotCreate() throws {
        var attributes = sharedAttributes()
        #expect(try !UpdateExpression.parse("REMOVE a DELETE b :ss", attributes: &attributes).createsItem)
        #expect(try UpdateExpression.parse("REMOVE a ADD b :n", attributes: &attributes).createsItem)
    }
}
