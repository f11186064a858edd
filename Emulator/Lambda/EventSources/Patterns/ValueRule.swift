import Bytes
import JSON

/// One entry of a list in an event pattern: what a field may be.
indirect enum ValueRule: Sendable, Equatable {
    /// The same text, number, truth value, or null.
    case equal(JSONValue)
    case equalIgnoringCase(String)
    case prefix(String, ignoresCase: Bool)
    case suffix(String, ignoresCase: Bool)
    case wildcard(Wildcard)
    case numeric([Bound])
    case address(IPRange)
    case exists(Bool)
    /// Present, and none of these.
    case anythingBut([ValueRule])

    /// One comparison of a `numeric` rule.
    struct Bound: Sendable, Equatable {
        enum Comparison: String, Sendable {
            case less = "<"
            case lessOrEqual = "<="
            case equal = "="
            case greater = ">"
            case greaterOrEqual = ">="
        }
        let comparison: Comparison
        let number: Double

        func holds(_ value: Double) -> Bool {
            switch comparison {
            case .less: value < number
            case .lessOrEqual: value <= number
            case .equal: value == number
            case .greater: value > number
            case .greaterOrEqual: value >= number
            }
        }
    }

    /// EventBridge compares numbers up to this size, in both directions.
    private static let largestNumber = 5.0e9

    init(_ value: JSONValue) throws(EventPattern.Invalid) {
        switch value {
        case .string, .number, .bool, .null: self = .equal(value)
        case .array: throw EventPattern.Invalid(reason: "a list inside of a list")
        case .object(let object):
            guard object.count == 1, let (key, operand) = object.first(where: { _ in true }) else {
                throw EventPattern.Invalid(reason: "a rule has exactly one key")
            }
            self = try Self.rule(key, operand)
        }
    }

    private static func rule(
        _ key: String, _ operand: JSONValue
    ) throws(EventPattern.Invalid) -> ValueRule {
        switch key {
        case "prefix": return try affix(operand, key) { .prefix($0, ignoresCase: $1) }
        case "suffix": return try affix(operand, key) { .suffix($0, ignoresCase: $1) }
        case "equals-ignore-case": return .equalIgnoringCase(try text(operand, key))
        case "wildcard": return .wildcard(try Wildcard(try text(operand, key)))
        case "cidr":
            let written = try text(operand, key)
            guard written.contains("/"), let block = IPRange(written) else {
                throw EventPattern.Invalid(reason: "no address block in 'cidr'")
            }
            return .address(block)
        case "exists":
            guard let flag = operand.bool else {
                throw EventPattern.Invalid(reason: "'exists' is true or false")
            }
            return .exists(flag)
        case "numeric": return .numeric(try bounds(operand))
        case "anything-but": return .anythingBut(try exceptions(operand))
        default: throw EventPattern.Invalid(reason: "there is no rule '\(key)'")
        }
    }

    private static func text(_ value: JSONValue, _ key: String) throws(EventPattern.Invalid) -> String {
        guard let text = value.string else { throw EventPattern.Invalid(reason: "'\(key)' takes a text") }
        return text
    }

    private static func affix(
        _ operand: JSONValue, _ key: String, _ make: (String, Bool) -> ValueRule
    ) throws(EventPattern.Invalid) -> ValueRule {
        if let object = operand.object, object.count == 1, let text = object["equals-ignore-case"]?.string {
            return make(text, true)
        }
        return make(try text(operand, key), false)
    }

    private static func bounds(_ operand: JSONValue) throws(EventPattern.Invalid) -> [Bound] {
        guard let list = operand.array, list.count == 2 || list.count == 4 else {
            throw EventPattern.Invalid(reason: "'numeric' takes one or two comparisons")
        }
        var bounds: [Bound] = []
        for place in stride(from: 0, to: list.count, by: 2) {
            guard let comparison = list[place].string.flatMap(Bound.Comparison.init(rawValue:)),
                let number = list[place + 1].double, abs(number) <= largestNumber
            else { throw EventPattern.Invalid(reason: "'numeric' compares with a number of at most 5e9") }
            bounds.append(Bound(comparison: comparison, number: number))
        }
        if bounds.count == 2 {
            let lower: [Bound.Comparison] = [.greater, .greaterOrEqual]
            let upper: [Bound.Comparison] = [.less, .lessOrEqual]
            guard lower.contains(bounds[0].comparison), upper.contains(bounds[1].comparison),
                bounds[0].number < bounds[1].number
            else { throw EventPattern.Invalid(reason: "'numeric' has to be a range that holds something") }
        }
        return bounds
    }

    private static func exceptions(_ operand: JSONValue) throws(EventPattern.Invalid) -> [ValueRule] {
        switch operand {
        case .string, .number: return [.equal(operand)]
        case .array(let list):
            let isPlain = list.allSatisfy { $0.string != nil || $0.number != nil }
            guard !list.isEmpty, isPlain else {
                throw EventPattern.Invalid(reason: "'anything-but' lists texts or numbers")
            }
            return list.map { .equal($0) }
        case .object(let object):
            guard object.count == 1, let (key, inner) = object.first(where: { _ in true }),
                ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(key)
            else { throw EventPattern.Invalid(reason: "'anything-but' does not know this rule") }
            guard let list = inner.array else { return [try rule(key, inner)] }
            guard !list.isEmpty else { throw EventPattern.Invalid(reason: "an empty list in 'anything-but'") }
            var rules: [ValueRule] = []
            for one in list { rules.append(try rule(key, one)) }
            return rules
        case .bool, .null: throw EventPattern.Invalid(reason: "'anything-but' takes texts or numbers")
        }
    }

    // MARK: - Matching

    /// - Parameter field: nil when the event does not have it.
    func matches(field: JSONValue?) -> Bool {
        if case .exists(let wanted) = self { return Self.isPresent(field) == wanted }
        switch field {
        case nil, .object?: return false
        case .array(let elements)?:
            // Of a list one element has to fit; nested lists count as one.
            return elements.contains { matches(field: $0) }
        case let value?: return matches(value)
        }
    }

    /// Objects are no leaves: EventBridge looks only whether a field has a value.
    private static func isPresent(_ field: JSONValue?) -> Bool {
        switch field {
        case nil, .object?: false
        case .array(let elements)?: !elements.isEmpty
        default: true
        }
    }

    private func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .equal(.number(let number)):
            if let other = value.number { return other == number || other.double == number.double }
            return false
        case .equal(let wanted): return value == wanted
        case .numeric(let bounds):
            guard let number = value.double else { return false }
            return bounds.allSatisfy { $0.holds(number) }
        case .exists(let wanted): return wanted
        case .anythingBut(let rules): return !rules.contains { $0.matches(value) }
        case .equalIgnoringCase, .prefix, .suffix, .wildcard, .address:
            return value.string.map(matches(text:)) ?? false
        }
    }

    private func matches(text: String) -> Bool {
        switch self {
        case .equalIgnoringCase(let wanted): Self.folded(text) == Self.folded(wanted)
        case .prefix(let wanted, let ignoresCase):
            ignoresCase
                ? Self.folded(text).starts(with: Self.folded(wanted)) : text.utf8.starts(with: wanted.utf8)
        case .suffix(let wanted, let ignoresCase):
            ignoresCase
                ? Self.folded(text).reversed().starts(with: Self.folded(wanted).reversed())
                : text.utf8.reversed().starts(with: wanted.utf8.reversed())
        case .wildcard(let wildcard): wildcard.matches(text)
        case .address(let block): IPAddress(text).map(block.contains) ?? false
        default: false
        }
    }

    private static func folded(_ text: String) -> [UInt8] { Array(text.lowercased().utf8) }
}
