import Expressions
import Seeded
import Testing

@testable import PartiQL

@Suite struct RandomTests {
    @Test func treesThatAreWrittenDownAreReadBack() throws {
        var maker = TreeMaker(SeededRandom.fresh("PartiQL round trip"))
        for _ in 0..<3000 {
            let tree = maker.statement()
            let text = Printer.text(tree)
            do {
                let (read, _) = try Parser.parse(text)
                #expect(read == tree, "\(text)")
            } catch {
                #expect(Bool(false), "\(text): \(error.message)")
            }
        }
    }

    /// Any text is either taken or refused.
    @Test func noTextHarms() {
        var random = SeededRandom.fresh("PartiQL fuzz")
        var maker = TreeMaker(random)
        let pieces = [
            "SELECT", "FROM", "WHERE", "UPDATE", "SET", "REMOVE", "DELETE", "INSERT INTO", "VALUE",
            "RETURNING",
            "ALL OLD *", "EXISTS(", "AND", "OR", "NOT", "IN", "IS", "MISSING", "NULL", "BETWEEN", "LIKE", "(",
            ")",
            "[", "]", "{", "}", "<<", ">>", ",", ":", ".", "*", "=", "<>", "-", "+", "?", "a", "\"b\"", "'c'",
            "1",
            "1e400", "9999999999999999999999", "size(", "set_add(", "list_append(", "--", "/*", "*/", "'",
            "\"",
            "\u{0}", "é", "\n", "ORDER BY", "@", "`", "\\",
        ]
        for round in 0..<4000 {
            var text: String
            if round % 2 == 0 {
                text = (0...random.upTo(40)).map { _ in random.pick(pieces) }.joined(separator: " ")
            } else {
                text = Printer.text(maker.statement())
                var scalars = Array(text.unicodeScalars)
                for _ in 0...random.upTo(3) where !scalars.isEmpty {
                    let place = random.upTo(scalars.count - 1)
                    switch random.upTo(2) {
                    case 0: scalars.remove(at: place)
                    case 1: scalars.insert(random.pick(Array("()[]{}<>'\",.?-*=".unicodeScalars)), at: place)
                    default: scalars.swapAt(place, random.upTo(scalars.count - 1))
                    }
                }
                text = String(String.UnicodeScalarView(scalars))
            }
            let parameters = [AttributeValue](repeating: .s("x"), count: text.count { $0 == "?" })
            _ = fault(text, parameters)
        }
    }

    static let openings = [
        "(", "[", "{'a':", "<<", "NOT ", "- ", "f(", "a[", "a = (SELECT * FROM t WHERE ", "a IN (", "a = ",
        "a + ",
        "a BETWEEN ", "size(",
    ]

    @Test(arguments: openings) func depthIsBounded(_ opening: String) {
        let deep = String(repeating: opening, count: 20_000 / opening.utf8.count)
        #expect(fault("SELECT * FROM t WHERE \(deep)1") != nil)
        #expect(fault("UPDATE t SET a = \(deep)1 WHERE b = 1") != nil)
        #expect(fault("INSERT INTO t VALUE \(deep)1") != nil)
    }

    @Test func longFlatConditionsAreFine() {
        let flat = (0..<500).map { "a\($0) = 1" }.joined(separator: " AND ")
        #expect(fault("SELECT * FROM t WHERE \(flat)") == nil)
    }
}
