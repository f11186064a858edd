import Testing

@testable import Objects

@Suite struct PolicyConditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var values: [String]
        /// Nil: the request has no such key.
        var found: [String]?
        var holds: Bool

        init(_ name: String, _ values: [String], _ found: [String]?, _ holds: Bool) {
            (self.name, self.values, self.found, self.holds) = (name, values, found, holds)
        }

        var testDescription: String { "\(name) \(values) of \(String(describing: found))" }
    }

    static let strings: [Case] = [
        Case("StringEquals", ["a"], ["a"], true), Case("StringEquals", ["a"], ["A"], false),
        Case("StringEquals", ["a", "b"], ["b"], true), Case("StringEquals", ["a"], nil, false),
        Case("StringEquals", ["a*"], ["ab"], false), Case("StringEquals", ["a*"], ["a*"], true),
        Case("StringNotEquals", ["a"], ["b"], true), Case("StringNotEquals", ["a"], ["a"], false),
        Case("StringNotEquals", ["a", "b"], ["b"], false), Case("StringNotEquals", ["a"], nil, true),
        Case("StringEqualsIgnoreCase", ["a"], ["A"], true),
        Case("StringNotEqualsIgnoreCase", ["a"], ["A"], false),
        Case("StringLike", ["a*"], ["ab"], true), Case("StringLike", ["a*"], ["b"], false),
        Case("StringLike", ["a?"], ["ab"], true), Case("StringLike", ["*"], nil, false),
        Case("StringNotLike", ["a*"], ["ab"], false), Case("StringNotLike", ["a*"], nil, true),
        Case("StringEqualsIfExists", ["a"], nil, true), Case("StringEqualsIfExists", ["a"], ["b"], false),
        Case("StringNotEqualsIfExists", ["a"], nil, true), Case("StringLikeIfExists", ["a*"], ["b"], false),
        Case("ArnLike", ["arn:aws:s3:::*"], ["arn:aws:s3:::b"], true),
        Case("ArnEquals", ["arn:aws:s3:::b*"], ["arn:aws:s3:::bc"], true),
        Case("ArnNotLike", ["arn:aws:s3:::*"], ["arn:aws:sns:::t"], true),
        Case("ArnNotEquals", ["arn:aws:s3:::b"], ["arn:aws:s3:::b"], false),
        Case("BinaryEquals", ["QmluYXJ5"], ["QmluYXJ5"], true),
        Case("BinaryEquals", ["QmlU"], ["QmluYXJ5"], false),
    ]

    static let numbers: [Case] = [
        Case("NumericEquals", ["10"], ["10"], true), Case("NumericEquals", ["10"], ["10.0"], true),
        Case("NumericEquals", ["10"], ["11"], false), Case("NumericNotEquals", ["10"], ["11"], true),
        Case("NumericNotEquals", ["10"], nil, true), Case("NumericLessThan", ["10"], ["9"], true),
        Case("NumericLessThan", ["10"], ["10"], false), Case("NumericLessThanEquals", ["10"], ["10"], true),
        Case("NumericGreaterThan", ["10"], ["11"], true), Case("NumericGreaterThan", ["10"], ["10"], false),
        Case("NumericGreaterThanEquals", ["10"], ["10"], true),
        Case("NumericLessThan", ["10"], ["text"], false),
        Case("NumericLessThan", ["10"], nil, false), Case("NumericLessThanIfExists", ["10"], nil, true),
        Case("DateEquals", ["2026-01-02T03:04:05Z"], ["2026-01-02T03:04:05Z"], true),
        Case("DateNotEquals", ["2026-01-02T03:04:05Z"], ["2026-01-02T03:04:06Z"], true),
        Case("DateLessThan", ["2026-01-02T03:04:05Z"], ["2026-01-02T03:04:04Z"], true),
        Case("DateLessThan", ["2026-01-02T03:04:05Z"], ["2026-01-02T03:04:05Z"], false),
        Case("DateLessThanEquals", ["2026-01-02"], ["2026-01-02T00:00:00Z"], true),
        Case("DateGreaterThan", ["2026-01-02"], ["2026-01-02T00:00:01Z"], true),
        Case("DateGreaterThanEquals", ["1767322800"], ["2026-01-02T03:00:00Z"], true),
        Case("DateGreaterThan", ["1767322800"], ["2026-01-02T03:00:00Z"], false),
        Case("Bool", ["true"], ["true"], true), Case("Bool", ["true"], ["false"], false),
        Case("Bool", ["True"], ["true"], true), Case("Bool", ["false"], nil, false),
        Case("BoolIfExists", ["false"], nil, true),
        Case("IpAddress", ["203.0.113.0/24"], ["203.0.113.9"], true),
        Case("IpAddress", ["203.0.113.0/24", "::1/128"], ["::1"], true),
        Case("IpAddress", ["203.0.113.0/24"], ["198.51.100.1"], false),
        Case("IpAddress", ["0.0.0.0/0"], nil, false),
        Case("NotIpAddress", ["203.0.113.0/24"], ["203.0.113.9"], false),
        Case("NotIpAddress", ["203.0.113.0/24"], ["198.51.100.1"], true),
        Case("NotIpAddress", ["203.0.113.0/24"], nil, true),
        Case("Null", ["true"], nil, true), Case("Null", ["true"], ["x"], false),
        Case("Null", ["false"], nil, false),
        Case("Null", ["false"], ["x"], true),
    ]

    static let several: [Case] = [
        Case("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], true),
        Case("ForAllValues:StringEquals", ["a", "b"], ["a"], true),
        Case("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false),
        Case("ForAllValues:StringEquals", ["a"], nil, true),
        Case("ForAllValues:StringEquals", ["a"], [], true),
        Case("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true),
        Case("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], false),
        Case("ForAnyValue:StringEquals", ["a"], nil, false),
        Case("ForAllValues:StringNotEquals", ["a"], ["b", "c"], true),
        Case("ForAllValues:StringNotEquals", ["a"], ["b", "a"], false),
        Case("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], true),
        Case("ForAnyValue:StringNotEquals", ["a"], ["a"], false),
        Case("ForAnyValue:StringNotEquals", ["a"], nil, false),
        Case("ForAnyValue:StringLike", ["a*"], ["b", "ab"], true),
        Case("ForAllValues:StringLike", ["a*"], ["ab", "b"], false),
    ]

    @Test(arguments: strings + numbers + several) func holds(_ test: Case) throws {
        let condition = try #require(
            PolicyCondition(operator: test.name, key: "Key", values: test.values.map { PolicyText($0) }))
        #expect(condition.holds(PolicyFacts { $0 == "key" ? test.found : nil }) == test.holds)
        #expect(condition.malformedValue == nil)
    }

    @Test(arguments: [
        "", "Equals", "stringEquals", "StringEqual", "StringLess", "NumericLike", "IfExists", "NullIfExists",
        "ForAnyValue", "ForAnyValue:", "ForAllValue:StringEquals", "StringEqualsIfExistsIfExists",
    ])
    func unknownOperators(_ name: String) {
        #expect(PolicyCondition(operator: name, key: "k", values: []) == nil)
    }

    @Test(arguments: [
        ("NumericEquals", "ten"), ("DateLessThan", "tomorrow"), ("Bool", "yes"), ("Null", "1"),
        ("IpAddress", "home"),
        ("NotIpAddress", "1.2.3.4/99"),
    ])
    func valuesThatCannotBe(_ name: String, _ value: String) throws {
        let condition = try #require(
            PolicyCondition(operator: name, key: "k", values: [PolicyText(value)]))
        #expect(condition.malformedValue?.source == value)
    }
}
