import Expressions
import Testing

@testable import PartiQL

@Suite struct ParserTests {
    /// Two ways to write one thing.
    static let alike: [(String, String)] = [
        ("a = 1 OR b = 2 AND c = 3", "(a = 1) OR ((b = 2) AND (c = 3))"),
        ("NOT a = 1 AND b = 2", "(NOT (a = 1)) AND (b = 2)"),
        ("NOT NOT a = 1", "NOT (NOT (a = 1))"),
        ("a = 1 AND (b = 2 AND c = 3)", "a = 1 AND b = 2 AND c = 3"),
        ("(a = 1 OR b = 2) OR c = 3", "a = 1 OR b = 2 OR c = 3"),
        ("a BETWEEN 1 AND 2 AND b = 3", "(a BETWEEN 1 AND 2) AND (b = 3)"),
        ("a NOT BETWEEN 1 AND 2", "NOT (a BETWEEN 1 AND 2)"),
        ("a NOT IN [1]", "NOT (a IN [1])"), ("a IN (1, 2)", "a IN [1, 2]"), ("a != 1", "a <> 1"),
        ("a IS NOT MISSING", "NOT (a IS missing)"), ("a = b + 1 - 2", "a = ((b + 1) - 2)"),
        ("a = b + 2 * 3", "a = (b + (2 * 3))"), ("a > - 5", "a > -5"), ("a > - - 5", "a > 5"),
        ("a > +5", "a > 5"), ("a['b'][0].c", "a.b[0].c"), ("SIZE(a) > 1", "size(a) > 1"),
        ("a = 1 -- end", "a = 1"), ("a /* x */ = /* y */ 1", "a=1"), ("a<=1", "a <= 1"), ("a = .5", "a = .5"),
    ]

    @Test(arguments: alike) func bothWaysMeanTheSame(_ first: String, _ second: String) throws {
        let (a, _) = try Parser.parse("SELECT * FROM t WHERE \(first)")
        let (b, _) = try Parser.parse("SELECT * FROM t WHERE \(second)")
        #expect(a == b)
    }

    @Test func parametersAreCountedWhereverTheyStand() throws {
        let (_, count) = try Parser.parse(
            "UPDATE t SET a = ? SET b = list_append(?, [1]) WHERE c IN [?, ?] AND d = '?' -- ?")
        #expect(count == 4)
    }

    @Test func positionsCountLinesAndScalars() throws {
        #expect(fault("SELECT *\nFROM t WHERE é = 1")?.contains("line 2, column 14") == true)
        #expect(
            fault("SELECT *\nFROM t WHERE '😀' = 1 AND 'x'[0] = 1") == "Unexpected path component at 2:26:3")
        #expect(fault("SELECT\n  COUNT(*) FROM t") == "Unexpected path component at 2:3:5")
    }

    static let malformed: [(String, String)] = [
        ("", "Expected data manipulation"), ("   ", "Expected data manipulation"),
        ("SELECT", "Unexpected term"), ("SELECT *", "Expected FROM after SELECT list"),
        ("SELECT a, FROM t", "Unexpected keyword"), ("SELECT * FROM t WHERE (a = 1", "Expected RIGHT_PAREN"),
        ("SELECT * FROM t WHERE a = ", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE a = 1 AND", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE a BETWEEN 1", "Expected AND keyword"),
        ("SELECT * FROM t WHERE a BETWEEN 1 AND", "Expected expression after AND"),
        ("SELECT * FROM t WHERE = 1", "Unexpected operator"), ("SELECT * FROM t WHERE )", "Unexpected term"),
        ("SELECT * FROM t WHERE ORDER BY a", "Unexpected keyword"),
        ("SELECT * FROM t ORDER a", "Expected BY keyword"),
        ("SELECT * FROM t WHERE a IN [1", "Expected RIGHT_BRACKET"),
        ("SELECT * FROM t WHERE a = {'x' 1}", "Expected COLON"),
        ("SELECT * FROM t WHERE a = {'x': 1", "Expected RIGHT_CURLY"),
        ("SELECT * FROM t WHERE a = <<1", "Expected RIGHT_DOUBLE_ANGLE_BRACKET"),
        ("UPDATE t SET a 1", "Expected '=' for SET"),
        ("UPDATE t SET 'a' = 1", "Expected identifier for simple path"),
        ("UPDATE t SET a = 1 RETURNING OLD *", "Expected ALL or MODIFIED in a returning clause element."),
        ("UPDATE t SET a = 1 RETURNING ALL *", "Expected NEW or OLD in a returning clause element."),
        ("DELETE FROM 't'", "Expected identifier for simple path"), ("INSERT t", "Unexpected keyword"),
        ("EXISTS(DELETE FROM t)", "Unexpected term"),
    ]

    @Test(arguments: malformed) func malformedStatementsAreRefused(_ text: String, _ detail: String) {
        #expect(fault(text) == "Statement wasn't well formed, can't be processed: \(detail)")
    }

    @Test func columnsHaveNames() throws {
        guard
            case .select(let select) = try PartiQLStatement.parse(
                "SELECT a, m.b, m.c[1][2], \"x y\" FROM t", parameters: [])
        else { return #expect(Bool(false), "no SELECT") }
        #expect(select.columns?.map(\.name) == ["a", "b", "c[1][2]", "x y"])
    }

    @Test func rowsHoldWhatIsThere() throws {
        guard
            case .select(let select) = try PartiQLStatement.parse(
                "SELECT m.b, l[0], z FROM t", parameters: [])
        else { return #expect(Bool(false), "no SELECT") }
        let item: Item = ["m": .m(["b": .s("v")]), "l": .l([.bool(true)])]
        #expect(select.row(item) == ["b": .s("v"), "l[0]": .bool(true)])
    }

    @Test func parametersBecomeValues() throws {
        guard
            case .insert(let insert) = try PartiQLStatement.parse(
                "INSERT INTO t VALUE {'a': ?, 'b': ?}", parameters: [.b([1]), .ss(["x"])])
        else { return #expect(Bool(false), "no INSERT") }
        #expect(insert.item == ["a": .b([1]), "b": .ss(["x"])])
    }

    @Test func comparingConditionsDoesNotGrowWithoutBound() {
        var text = "a = 1"
        for _ in 0..<40 { text = "(\(text)) = (b = 2)" }
        #expect(fault("SELECT * FROM t WHERE \(text)") != nil)
    }
}
