import Testing

@testable import Expressions

/// One expression, one literal text: what AWS answers when a condition is wrong.
@Suite struct ConditionErrorTests {
    static let reserved = "Attribute name is a reserved keyword; reserved keyword: "
    static let noName =
        "An expression attribute name used in the document path is not defined; attribute name: "
    static let noValue =
        "An expression attribute value used in expression is not defined; attribute value: "
    static let type = "Incorrect operand type for operator or function; operator or function: "
    static let count = "Incorrect number of operands for operator or function; operator or function: "
    static let misused = "The function is not allowed to be used this way in an expression; function: "
    static let parentheses = "The expression has redundant parentheses;"
    static let distinct =
        "The first operand must be distinct from the remaining operands for this operator or function; "

    static let cases: [(String, String)] = [
        ("", "The expression can not be empty;"),
        // Syntax
        ("!!", #"Syntax error; token: "!", near: "!!""#),
        ("a = ", #"Syntax error; token: "<EOF>", near: "=""#),
        ("a", #"Syntax error; token: "<EOF>", near: "a""#),
        (":s", #"Syntax error; token: "<EOF>", near: ":s""#),
        ("a b", #"Syntax error; token: "b", near: "a b""#),
        ("a  \t b", "Syntax error; token: \"b\", near: \"a  \t b\""),
        (" \t\n", "The expression can not be empty;"),
        ("a = :n b", #"Syntax error; token: "b", near: ":n b""#),
        ("a = :n AND", #"Syntax error; token: "<EOF>", near: "AND""#),
        ("a AND b = :n", #"Syntax error; token: "AND", near: "a AND b""#),
        ("a-b = :n", #"Syntax error; token: "-", near: "a-b""#),
        ("(a = :n", #"Syntax error; token: "<EOF>", near: ":n""#),
        ("a = :n)", #"Syntax error; token: ")", near: ":n)""#),
        ("a = 5", #"Syntax error; token: "5", near: "= 5""#),
        ("a = __b", #"Syntax error; token: "_", near: "= __""#),
        ("a = # ", ##"Syntax error; token: "#", near: "= #""##),
        ("a = :", #"Syntax error; token: ":", near: "= :""#),
        ("a.0 = :n", #"Syntax error; token: "0", near: ".0 =""#),
        ("a[b] = :n", #"Syntax error; token: "b", near: "[b]""#),
        ("a[0 = :n", #"Syntax error; token: "=", near: "0 = :n""#),
        ("a BETWEEN :m OR :n", #"Syntax error; token: "OR", near: ":m OR :n""#),
        ("a IN :n", #"Syntax error; token: ":n", near: "IN :n""#),
        ("a IN ()", #"Syntax error; token: ")", near: "()""#),
        ("contains(a, )", #"Syntax error; token: ")", near: ", )""#),
        ("contains()", #"Syntax error; token: ")", near: "()""#),
        ("(a = :n) = :n", #"Syntax error; token: "=", near: ") = :n""#),
        ("NOT", #"Syntax error; token: "<EOF>", near: "NOT""#),
        ("and = :n", #"Syntax error; token: "and", near: "and =""#),
        ("a = :n AND NOT", #"Syntax error; token: "<EOF>", near: "NOT""#),
        ("a == :n", #"Syntax error; token: "=", near: "== :n""#),
        ("a == é", #"Syntax error; token: "=", near: "== é""#),
        // Kinds of fault, in the order in which AWS reports them
        ("((a = :n))", parentheses),
        ("((a)) = :n", parentheses),
        ("((nofn(a)))", parentheses),
        ("contains(((a)), :s)", parentheses),
        ("nofn(a)", "Invalid function name; function: nofn"),
        ("Size(a) > :n", "Invalid function name; function: Size"),
        ("ATTRIBUTE_EXISTS(a)", "Invalid function name; function: ATTRIBUTE_EXISTS"),
        (
            "if_not_exists(a, :n) = :n",
            "The function is not allowed in a condition expression; function: if_not_exists"
        ),
        ("name = :n AND nofn(a)", "Invalid function name; function: nofn"),
        ("contains(a, :s) = :n", misused + "contains"),
        ("size(a)", misused + "size"),
        ("size(a) AND a = :n", misused + "size"),
        ("NOT size(a)", misused + "size"),
        ("a IN (begins_with(b, :s))", misused + "begins_with"),
        ("a BETWEEN :m AND attribute_exists(b)", misused + "attribute_exists"),
        ("contains(attribute_exists(a), :s)", misused + "attribute_exists"),
        ("name = contains(a, :s)", misused + "contains"),
        ("name = :n", reserved + "name"),
        ("Status = :n", reserved + "Status"),
        ("a.data = :n", reserved + "data"),
        ("TTL < :missing", reserved + "TTL"),
        ("attribute_exists(Values)", reserved + "Values"),
        ("user.a[0] = :n OR zone = :n", reserved + "user"),
        ("#missing = :n", noName + "#missing"),
        ("a.#missing = :n", noName + "#missing"),
        ("a = :missing", noValue + ":missing"),
        ("#missing = :missing", noName + "#missing"),
        (":missing = #missing", noValue + ":missing"),
        ("a IN (:n, :missing)", noValue + ":missing"),
        ("contains(:missing)", noValue + ":missing"),
        ("a = :n AND b = :missing AND c = #missing", noValue + ":missing"),
        ("contains(a)", count + "contains, number of operands: 1"),
        ("contains(a, :s, :n)", count + "contains, number of operands: 3"),
        ("attribute_exists(a, b)", count + "attribute_exists, number of operands: 2"),
        ("attribute_not_exists(a, b)", count + "attribute_not_exists, number of operands: 2"),
        ("attribute_type(a)", count + "attribute_type, number of operands: 1"),
        ("begins_with(a)", count + "begins_with, number of operands: 1"),
        ("size(a, b) > :n", count + "size, number of operands: 2"),
        ("a = a", distinct + "operator: =, first operand: [a]"),
        ("a.b[1] <> a.b[1]", distinct + "operator: <>, first operand: [a, b, [1]]"),
        ("a < #a", distinct + "operator: <, first operand: [a]"),
        ("contains(a, a)", distinct + "operator: contains, first operand: [a]"),
        ("begins_with(a, a)", distinct + "operator: begins_with, first operand: [a]"),
        ("begins_with(a, :n)", type + "begins_with, operand type: N"),
        ("begins_with(:ss, :s)", type + "begins_with, operand type: SS"),
        ("begins_with(a, size(b))", type + "begins_with, operand type: N"),
        ("size(:n) > :n", type + "size, operand type: N"),
        ("size(:t) > :n", type + "size, operand type: BOOL"),
        ("size(:z) > :n", type + "size, operand type: NULL"),
        ("size(size(a)) > :n", type + "size, operand type: N"),
        ("attribute_type(a, :n)", type + "attribute_type, operand type: N"),
        ("attribute_type(a, b)", type + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"),
        (
            "attribute_type(a, :typeBad)",
            "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
        ),
        ("a < :l", type + "<, operand type: L"),
        ("a >= :ss", type + ">=, operand type: SS"),
        ("a <= :t", type + "<=, operand type: BOOL"),
        ("a BETWEEN :o AND :o", type + "BETWEEN, operand type: M"),
        (
            "attribute_exists(:s)",
            "Operator or function requires a document path; operator or function: attribute_exists"
        ),
        (
            "attribute_not_exists(size(a))",
            "Operator or function requires a document path; operator or function: attribute_not_exists"
        ),
        (
            "a BETWEEN :n AND :m",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                + "lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}"
        ),
        (
            "a BETWEEN :n AND :s",
            "The BETWEEN operator requires same data type for lower and upper bounds; "
                + "lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:text}"
        ),
        (
            "a[99999999999] = :n",
            "List index is not within the allowable range; index: [99999999999]"
        ),
        (
            "a[4294967294] = :n AND b[4294967295] = :n",
            "List index is not within the allowable range; index: [4294967295]"
        ),
    ]

    @Test(arguments: cases) func text(_ expression: String, _ expected: String) {
        let found = message {
            var attributes = sharedAttributes()
            _ = try ConditionExpression.parse(expression, kind: .condition, attributes: &attributes)
        }
        #expect(found == "Invalid ConditionExpression: " + expected, "\(expression)")
    }

    @Test func kindsHaveTheirOwnPrefix() {
        var attributes = ExpressionAttributes()
        #expect(
            message { _ = try ConditionExpression.parse("name = b", kind: .filter, attributes: &attributes) }
                == "Invalid FilterExpression: \(Self.reserved)name")
    }

    @Test func limits() {
        func fault(_ expression: String) -> String {
            message {
                var attributes = sharedAttributes()
                _ = try ConditionExpression.parse(expression, kind: .condition, attributes: &attributes)
            }
        }
        let long = "a = :n" + String(repeating: " ", count: 4091)
        #expect(
            fault(long)
                == "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; "
                + "expression size: 4097")
        #expect(fault(String(long.dropLast())) == "no error")
        // 151 comparisons and 150 ORs are 301 operators.
        let chain = Array(repeating: "a=:n", count: 151).joined(separator: " OR ")
        #expect(
            fault(chain)
                == "Invalid ConditionExpression: The expression contains too many operators; "
                + "operator count: 301")
        #expect(fault(Array(repeating: "a=:n", count: 150).joined(separator: " OR ")) == "no error")
        let list = Array(repeating: ":n", count: 101).joined(separator: ",")
        #expect(
            fault("a IN (\(list))")
                == "Invalid ConditionExpression: The IN operator is provided with too many operands; "
                + "number of operands: 102")
        #expect(fault(String(repeating: "(", count: 4000)).contains("redundant parentheses"))
    }

    @Test func unusedSubstitutions() throws {
        var attributes = ExpressionAttributes(
            names: ["#a": "a", "#c": "c", "#b": "b"], values: [":n": .null, ":v": .null])
        _ = try ConditionExpression.parse("#a = :n", kind: .condition, attributes: &attributes)
        #expect(
            message { try attributes.checkAllUsed() }
                == "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #c}")
        _ = try ConditionExpression.parse("#b = #c", kind: .condition, attributes: &attributes)
        #expect(
            message { try attributes.checkAllUsed() }
                == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}")
    }
}
