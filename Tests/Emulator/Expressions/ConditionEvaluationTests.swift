import Foundation
import Testing

@testable import Expressions

/// Which items meet which conditions.
@Suite struct ConditionEvaluationTests {
    /// The item all cases ask about.
    static let stored: Item = [
        "a": number("5"), "s": .s("text"), "bin": .b([1, 2, 3]), "yes": .bool(true), "nothing": .null,
        "lst": .l([number("1"), .s("two"), .m(["k": .s("deep")])]),
        "doc": .m(["k": .s("v"), "l": .l([.null])]),
        "ss": .strings(["a", "b"]), "ns": .numbers([DecimalNumber(1), DecimalNumber(2)]),
        "bs": .binaries([[1], [2]]), "name": .s("reserved"), "sz": number("4"), "blank": .s(""),
        "word": .s("S"),
    ]

    static let cases: [(String, Bool)] = [
        ("a = :n", true), ("a = :m", false), ("a <> :m", true), ("a <> :n", false), ("a < :n", false),
        ("a <= :n", true), ("a > :m", true), ("a >= :n", true), (":m < a", true), (":n = a", true),
        ("a = :s", false), ("a <> :s", true), ("a < :s", false), ("a > :s", false), ("s > :te", true),
        ("s < :te", false), ("bin > :b", true), ("bin = :b", false), ("blank = :e", true),
        // Absent attributes
        ("gone = :n", false), ("gone <> :n", true), ("gone < :n", false), ("gone >= :n", false),
        ("gone BETWEEN :m AND :n", false), ("gone IN (:n)", false), ("gone = away", false),
        ("gone <> away", true), ("NOT gone = :n", true), ("begins_with(gone, :s)", false),
        ("contains(gone, :s)", false), ("size(gone) > :m", false),
        ("attribute_type(gone, :typeS)", false),
        // Equality of documents and sets
        ("ss = :ss", true), ("ns = :ns", true), ("bs = :bs", true), ("lst = :l", false), ("doc = :o", false),
        ("doc.k <> :s", true), ("yes = :t", true), ("nothing = :z", true), ("nothing <> :t", true),
        // Ranges and lists of values
        ("a BETWEEN :m AND :n", true), ("a BETWEEN :m AND sz", false), ("a BETWEEN sz AND :n", true),
        ("s BETWEEN :te AND :s", true), ("a IN (:m, :n)", true), ("a IN (:m, :s)", false),
        ("a IN (gone, :n)", true), ("s IN (word, :s)", true),
        // Functions
        ("attribute_exists(a)", true), ("attribute_exists(doc.k)", true), ("attribute_exists(doc.x)", false),
        ("attribute_exists(lst[1])", true), ("attribute_exists(lst[3])", false),
        ("attribute_exists(doc[0])", false), ("attribute_exists(a.b)", false),
        ("attribute_not_exists(gone)", true), ("attribute_not_exists(a)", false),
        ("attribute_not_exists(doc.k.z)", true), ("attribute_exists(nothing)", true),
        ("attribute_type(s, :typeS)", true), ("attribute_type(a, :typeS)", false),
        ("begins_with(s, :te)", true), ("begins_with(s, :s)", true), ("begins_with(a, :te)", false),
        ("begins_with(bin, :b)", true), ("begins_with(s, :e)", true), ("begins_with(s, blank)", true),
        ("contains(s, :te)", true), ("contains(s, :e)", true), ("contains(s, :n)", false),
        ("contains(bin, :b)", true), ("contains(lst, :m)", true), ("contains(lst, :s)", false),
        ("contains(ns, :m)", true), ("contains(ns, :n)", false), ("contains(ss, :s)", false),
        ("contains(bs, :b)", false), ("contains(doc, :s)", false), ("contains(:s, blank)", true),
        ("size(s) = sz", true), ("size(bin) < :n", true), ("size(lst) > :m", true), ("size(doc) > :m", true),
        ("size(ss) > :m", true), ("size(a) > :m", false), ("size(a) <> :m", true), ("size(:s) = sz", true),
        ("size(yes) < :n", false), ("size(lst[2]) = :m", true),
        // Precedence: NOT before AND before OR
        ("a = :n OR a = :m AND a = :m", true), ("(a = :n OR a = :m) AND a = :m", false),
        ("NOT a = :m AND a = :n", true), ("NOT (a = :n AND s = :te)", true), ("NOT NOT a = :n", true),
        ("a = :m OR NOT s = :te", true), ("a = :m and s = :s Or a = :n", true), ("(a) = (:n)", true),
        ("(a = :n)", true), ("(attribute_exists(a))", true), ("(size(s)) = sz", true),
        ("(a = :n) AND ((s = :s) OR a = :m)", true),
        // Paths, names, white space
        ("#n <> :s", true), ("doc.l[0] = :z", true), ("lst[2].k <> :s", true),
        ("lst [ 1 ] <> doc . k", true),
        ("\ta=:n\r\nAND\ts=:s ", true), ("#a between :m and :n", true),
    ]

    @Test(arguments: cases) func result(_ expression: String, _ expected: Bool) throws {
        var attributes = sharedAttributes()
        let condition = try ConditionExpression.parse(expression, kind: .filter, attributes: &attributes)
        #expect(condition.evaluate(Self.stored) == expected, "\(expression)")
    }

    @Test func stringsCompareByBytesNotByCanonicalEquivalence() throws {
        var attributes = ExpressionAttributes(values: [":v": .s("e\u{301}")])
        let condition = try ConditionExpression.parse("a = :v", kind: .filter, attributes: &attributes)
        #expect(!condition.evaluate(["a": .s("\u{E9}")]))
        #expect(condition.evaluate(["a": .s("e\u{301}")]))
    }

    @Test func everyReservedWordIsRefusedInAnyCase() {
        #expect(ReservedWords.all.count == 573)
        for word in ReservedWords.all {
            for spelling in [word, word.lowercased(), word.capitalized] {
                if Parser.conditionKeywords.contains(word) { continue }
                let found = message {
                    var attributes = sharedAttributes()
                    _ = try ConditionExpression.parse(
                        "\(spelling) = :n", kind: .condition, attributes: &attributes)
                }
                #expect(found.hasSuffix("reserved keyword: \(spelling)"))
            }
        }
    }
}
