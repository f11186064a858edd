import Bytes
import Clock

/// One key of a statement's `Condition` (IAM User Guide, "IAM JSON policy elements: Condition operators").
struct PolicyCondition: Sendable {
    /// How several values of a request are held against several of the policy.
    enum Quantifier: Sendable {
        case single, forAny, forAll
    }

    enum Comparison: Sendable, Equatable {
        case string(ignoringCase: Bool)
        case stringLike
        case number(Ordering)
        case date(Ordering)
        case boolean
        case binary
        case address
        case arn
        case null
    }

    enum Ordering: String, Sendable {
        case equals = "Equals"
        case lessThan = "LessThan"
        case lessThanEquals = "LessThanEquals"
        case greaterThan = "GreaterThan"
        case greaterThanEquals = "GreaterThanEquals"

        func holds<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
            switch self {
            case .equals: a == b
            case .lessThan: a < b
            case .lessThanEquals: a <= b
            case .greaterThan: a > b
            case .greaterThanEquals: a >= b
            }
        }
    }

    var comparison: Comparison
    /// `StringNotEquals` and its like.
    var isNegated = false
    /// `...IfExists`: holds for a request without the key.
    var ifExists = false
    var quantifier = Quantifier.single
    /// As ``PolicyFacts/normalised(_:)`` spells it.
    var key: String
    var values: [PolicyText]

    /// Reads an operator's name; nil when there is none of that name.
    init?(operator name: String, key: String, values: [PolicyText]) {
        self.key = PolicyFacts.normalised(key)
        self.values = values
        var name = name
        for (prefix, quantifier) in [("ForAnyValue:", Quantifier.forAny), ("ForAllValues:", .forAll)]
        where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.utf8.count))
            self.quantifier = quantifier
        }
        if name.hasSuffix("IfExists"), name != "NullIfExists" {
            name = String(name.dropLast("IfExists".utf8.count))
            ifExists = true
        }
        guard let (comparison, isNegated) = Self.operators[name] else { return nil }
        self.comparison = comparison
        self.isNegated = isNegated
    }

    private static let operators: [String: (Comparison, isNegated: Bool)] = {
        var operators: [String: (Comparison, isNegated: Bool)] = [
            "StringEquals": (.string(ignoringCase: false), false),
            "StringNotEquals": (.string(ignoringCase: false), true),
            "StringEqualsIgnoreCase": (.string(ignoringCase: true), false),
            "StringNotEqualsIgnoreCase": (.string(ignoringCase: true), true),
            "StringLike": (.stringLike, false), "StringNotLike": (.stringLike, true),
            "Bool": (.boolean, false), "BinaryEquals": (.binary, false),
            "IpAddress": (.address, false), "NotIpAddress": (.address, true),
            "ArnEquals": (.arn, false), "ArnLike": (.arn, false),
            "ArnNotEquals": (.arn, true), "ArnNotLike": (.arn, true), "Null": (.null, false),
            "NumericNotEquals": (.number(.equals), true), "DateNotEquals": (.date(.equals), true),
        ]
        for name in ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"] {
            guard let ordering = Ordering(rawValue: name) else { continue }
            operators["Numeric\(name)"] = (.number(ordering), false)
            operators["Date\(name)"] = (.date(ordering), false)
        }
        return operators
    }()

    // MARK: - Evaluation

    func holds(_ facts: PolicyFacts) -> Bool {
        let found = facts.values(key)
        if comparison == .null {
            let isMissing = found?.isEmpty ?? true
            return values.contains { $0.source.lowercased() == (isMissing ? "true" : "false") }
        }
        guard let found, !found.isEmpty else {
            // Without the key a negated comparison holds, and so does one for all of no values.
            return ifExists || isNegated && quantifier == .single || quantifier == .forAll
        }
        switch quantifier {
        case .single, .forAny: return found.contains { fits($0, facts) != isNegated }
        case .forAll: return found.allSatisfy { fits($0, facts) != isNegated }
        }
    }

    /// Whether one value of the request is among those of the policy.
    private func fits(_ value: String, _ facts: PolicyFacts) -> Bool {
        let bytes = value.bytes
        return values.contains { compare(value, bytes, $0, facts) }
    }

    private func compare(
        _ value: String, _ bytes: [UInt8], _ text: PolicyText, _ facts: PolicyFacts
    ) -> Bool {
        switch comparison {
        case .string(let ignoringCase): return text.equals(bytes, facts, ignoringCase: ignoringCase)
        case .stringLike, .arn: return text.matches(bytes, facts)
        case .number(let ordering):
            guard let a = Double(value), let b = Double(text.source) else { return false }
            return ordering.holds(a, b)
        case .date(let ordering):
            guard let a = PolicyDate.read(value), let b = PolicyDate.read(text.source) else { return false }
            return ordering.holds(a, b)
        case .boolean: return value.lowercased() == text.source.lowercased()
        case .binary: return value == text.source
        case .address:
            guard let address = IPAddress(value), let range = IPRange(text.source) else { return false }
            return range.contains(address)
        case .null: return false
        }
    }

    /// A text that can be no value for the operator.
    var malformedValue: PolicyText? {
        values.first { text in
            switch comparison {
            case .number: Double(text.source) == nil
            case .date: PolicyDate.read(text.source) == nil
            case .boolean, .null: !["true", "false"].contains(text.source.lowercased())
            case .address: IPRange(text.source) == nil
            case .string, .stringLike, .arn, .binary: false
            }
        }
    }
}

/// Dates in policies: ISO 8601, whole days too, or seconds since 1970.
enum PolicyDate {
    static func read(_ text: String) -> Timestamp? {
        if let time = Timestamp(iso8601: text) { return time }
        if let day = Timestamp(iso8601: "\(text)T00:00:00Z") { return day }
        // 2^53: farther than any calendar, and still a whole number of milliseconds in 64 bits.
        guard let seconds = Int64(text), (0...9_007_199_254_740).contains(seconds) else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }
}
