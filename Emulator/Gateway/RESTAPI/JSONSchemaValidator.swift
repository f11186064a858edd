import JSON

/// Holds one value against a schema.
struct JSONSchemaValidator {
    let root: JSONValue
    let models: [String: JSONSchema]
    private(set) var problems: [String] = []
    private var depth = 0
    /// Looking for more ends here.
    private var mostProblems = 100
    private let patterns: Patterns

    /// `$ref` that lead in a circle end here.
    private static let deepest = 200

    /// Compiled once for a whole document, however often its schema is held against parts of it.
    private final class Patterns {
        private var compiled: [String: RegularExpression?] = [:]

        func isFound(_ pattern: String, in text: String) -> Bool? {
            let expression: RegularExpression? = compiled[pattern] ?? RegularExpression(pattern)
            compiled[pattern] = .some(expression)
            return expression?.isFound(in: text)
        }
    }

    init(root: JSONValue, models: [String: JSONSchema]) {
        self.init(root, models, Patterns())
    }

    private init(_ root: JSONValue, _ models: [String: JSONSchema], _ patterns: Patterns) {
        self.root = root
        self.models = models
        self.patterns = patterns
    }

    private mutating func fail(_ place: String, _ problem: String) {
        guard problems.count < mostProblems else { return }
        problems.append(place.isEmpty ? problem : "\(place): \(problem)")
    }

    private func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        var inner = JSONSchemaValidator(root, models, patterns)
        inner.depth = depth
        inner.mostProblems = 1
        inner.validate(value, schema, at: "")
        return inner.problems.isEmpty
    }

    mutating func validate(_ value: JSONValue, _ schema: JSONValue, at place: String) {
        guard let keywords = schema.object, problems.count < mostProblems else { return }
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { return fail(place, "the schema is nested too deeply") }
        // A reference stands alone: what is beside it does not count.
        if let reference = keywords["$ref"]?.string { return follow(reference, value, at: place) }
        checkType(value, keywords, at: place)
        if let allowed = keywords["enum"]?.array, !allowed.contains(where: { Self.areEqual($0, value) }) {
            let list = allowed.map { $0.encodedString() }.joined(separator: ", ")
            fail(
                place,
                "instance value (\(value.encodedString())) not found in enum (possible values: [\(list)])")
        }
        combine(value, keywords, at: place)
        switch value {
        case .number(let number): checkNumber(number, keywords, at: place)
        case .string(let text): checkString(text, keywords, at: place)
        case .array(let list): checkArray(list, keywords, at: place)
        case .object(let object): checkObject(object, keywords, at: place)
        default: break
        }
    }

    // MARK: - References

    private mutating func follow(_ reference: String, _ value: JSONValue, at place: String) {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let pointer = parts.count > 1 ? String(parts[1]) : ""
        if parts[0].isEmpty {
            guard let schema = Self.resolve(pointer, in: root) else {
                return fail(place, "'\(reference)' leads nowhere")
            }
            return validate(value, schema, at: place)
        }
        let name = parts[0].split(separator: "/").last.map(String.init) ?? ""
        guard let model = models[name], let schema = Self.resolve(pointer, in: model.document) else {
            return fail(place, "'\(reference)' is no model of this API")
        }
        var other = JSONSchemaValidator(model.document, models, patterns)
        other.depth = depth
        other.mostProblems = mostProblems - problems.count
        other.validate(value, schema, at: place)
        problems += other.problems
    }

    /// RFC 6901.
    private static func resolve(_ pointer: String, in document: JSONValue) -> JSONValue? {
        var current = document
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = String(token.replacing("~1", with: "/").replacing("~0", with: "~"))
            guard let next = current[name] ?? Int(name).flatMap({ current[$0] }) else { return nil }
            current = next
        }
        return current
    }

    // MARK: - Any value

    private mutating func checkType(_ value: JSONValue, _ keywords: JSONObject, at place: String) {
        guard let wanted = keywords["type"] else { return }
        let names = (wanted.array ?? [wanted]).compactMap(\.string)
        let isInteger = value.number != nil && Self.isWhole(value)
        let matches = names.contains { $0 == value.typeName || $0 == "integer" && isInteger }
        guard !matches else { return }
        let found = isInteger ? "integer" : value.typeName
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        fail(place, "instance type (\(found)) does not match any allowed primitive type (allowed: [\(list)])")
    }

    private static func isWhole(_ value: JSONValue) -> Bool {
        guard let number = value.number else { return false }
        if number.int != nil { return true }
        let double = number.double
        return double.isFinite && double == double.rounded() && !number.text.contains(".")
    }

    private mutating func combine(_ value: JSONValue, _ keywords: JSONObject, at place: String) {
        for schema in keywords["allOf"]?.array ?? [] { validate(value, schema, at: place) }
        if let list = keywords["anyOf"]?.array, !list.contains(where: { isValid(value, $0) }) {
            fail(
                place,
                "instance failed to match at least one required schema among \(list.count)")
        }
        if let list = keywords["oneOf"]?.array {
            let count = list.count { isValid(value, $0) }
            if count != 1 {
                fail(
                    place,
                    "instance failed to match exactly one schema (matched \(count) out of \(list.count))")
            }
        }
        if let schema = keywords["not"], isValid(value, schema) {
            fail(place, "instance matched a schema which it should not have")
        }
    }

    /// Numbers are equal when their values are: `1` and `1.0`.
    static func areEqual(_ a: JSONValue, _ b: JSONValue) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)):
            a.text == b.text || a.int != nil && a.int == b.int
                || a.int == nil && b.int == nil && a.double == b.double
        case (.array(let a), .array(let b)):
            a.count == b.count && zip(a, b).allSatisfy { areEqual($0, $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count
                && a.allSatisfy { member in b[member.key].map { areEqual(member.value, $0) } ?? false }
        default: a == b
        }
    }

    // MARK: - Numbers and strings

    private mutating func checkNumber(_ number: JSONNumber, _ keywords: JSONObject, at place: String) {
        let value = number.double
        if let minimum = keywords["minimum"]?.number {
            let isExclusive = keywords["exclusiveMinimum"]?.bool == true
            if value < minimum.double || isExclusive && value == minimum.double {
                let words = isExclusive ? "is not strictly greater than" : "is lower than"
                fail(
                    place,
                    "numeric instance \(words) the required minimum (minimum: \(minimum), found: \(number))")
            }
        }
        if let maximum = keywords["maximum"]?.number {
            let isExclusive = keywords["exclusiveMaximum"]?.bool == true
            if value > maximum.double || isExclusive && value == maximum.double {
                let words = isExclusive ? "is not strictly lower than" : "is greater than"
                fail(
                    place,
                    "numeric instance \(words) the required maximum (maximum: \(maximum), found: \(number))")
            }
        }
        if let divisor = keywords["multipleOf"]?.number, !Self.isMultiple(number, of: divisor) {
            fail(place, "remainder of division is not zero (\(number) / \(divisor))")
        }
    }

    private static func isMultiple(_ number: JSONNumber, of divisor: JSONNumber) -> Bool {
        if let a = number.int, let b = divisor.int { return b != 0 && a % b == 0 }
        let quotient = number.double / divisor.double
        return quotient.isFinite && abs(quotient - quotient.rounded()) < 1e-9 * max(1, abs(quotient))
    }

    private mutating func checkString(_ text: String, _ keywords: JSONObject, at place: String) {
        let length = text.unicodeScalars.count
        if let least = keywords["minLength"]?.int, length < least {
            fail(place, "string \"\(text)\" is too short (length: \(length), required minimum: \(least))")
        }
        if let most = keywords["maxLength"]?.int, length > most {
            fail(place, "string \"\(text)\" is too long (length: \(length), maximum allowed: \(most))")
        }
        if let pattern = keywords["pattern"]?.string, patterns.isFound(pattern, in: text) == false {
            fail(place, "ECMA 262 regex \"\(pattern)\" does not match input string \"\(text)\"")
        }
        if let format = keywords["format"]?.string, !JSONSchemaFormats.matches(text, format) {
            fail(place, "string \"\(text)\" is invalid against requested format \"\(format)\"")
        }
    }

    // MARK: - Arrays and objects

    private mutating func checkArray(_ list: [JSONValue], _ keywords: JSONObject, at place: String) {
        if let least = keywords["minItems"]?.int, list.count < least {
            fail(
                place,
                "array is too short: must have at least \(least) elements but instance has \(list.count) elements"
            )
        }
        if let most = keywords["maxItems"]?.int, list.count > most {
            fail(
                place,
                "array is too long: must have at most \(most) elements but instance has \(list.count) elements"
            )
        }
        if keywords["uniqueItems"]?.bool == true, Self.hasDuplicates(list) {
            fail(place, "array must not contain duplicate elements")
        }
        guard let items = keywords["items"] else { return }
        guard let schemas = items.array else {
            for (index, element) in list.enumerated() { validate(element, items, at: "\(place)/\(index)") }
            return
        }
        for (index, element) in list.enumerated() {
            if index < schemas.count {
                validate(element, schemas[index], at: "\(place)/\(index)")
            } else if let more = keywords["additionalItems"] {
                if more.bool == false {
                    return fail(
                        place,
                        "instance has \(list.count) elements, while only \(schemas.count) are allowed")
                }
                validate(element, more, at: "\(place)/\(index)")
            }
        }
    }

    private static func hasDuplicates(_ list: [JSONValue]) -> Bool {
        var seen: Set<JSONValue> = []
        return list.contains { !seen.insert(canonical($0)).inserted }
    }

    /// The same for all values that `areEqual` takes for equal.
    private static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .number(let number):
            if let whole = number.int { return .number(JSONNumber(whole)) }
            let double = number.double
            return double.isFinite ? .number(JSONNumber(double)) : value
        case .array(let list): return .array(list.map { canonical($0) })
        case .object(let object):
            return .object(JSONObject(object.map { ($0.key, canonical($0.value)) }))
        default: return value
        }
    }

    private mutating func checkObject(_ object: JSONObject, _ keywords: JSONObject, at place: String) {
        let missing = (keywords["required"]?.array ?? []).compactMap(\.string).filter { object[$0] == nil }
        if !missing.isEmpty {
            let names = missing.map { "\"\($0)\"" }.joined(separator: ",")
            fail(place, "object has missing required properties ([\(names)])")
        }
        if let least = keywords["minProperties"]?.int, object.count < least {
            fail(
                place,
                "object has too few properties (found \(object.count) but schema requires at least \(least))")
        }
        if let most = keywords["maxProperties"]?.int, object.count > most {
            fail(
                place,
                "object has too many properties (found \(object.count) but schema requires at most \(most))")
        }
        checkMembers(object, keywords, at: place)
        for (name, dependency) in keywords["dependencies"]?.object ?? [:] where object[name] != nil {
            guard let names = dependency.array?.compactMap(\.string) else {
                validate(.object(object), dependency, at: place)
                continue
            }
            for other in names where object[other] == nil {
                fail(
                    place,
                    "property \"\(name)\" of object has missing property dependencies (requires [\"\(other)\"])"
                )
            }
        }
    }

    private mutating func checkMembers(_ object: JSONObject, _ keywords: JSONObject, at place: String) {
        let properties = keywords["properties"]?.object ?? [:]
        let named = keywords["patternProperties"]?.object ?? [:]
        var unknown: [String] = []
        for (name, value) in object {
            var isKnown = false
            if let schema = properties[name] {
                isKnown = true
                validate(value, schema, at: "\(place)/\(name)")
            }
            for (pattern, schema) in named where patterns.isFound(pattern, in: name) == true {
                isKnown = true
                validate(value, schema, at: "\(place)/\(name)")
            }
            guard !isKnown, let more = keywords["additionalProperties"] else { continue }
            if more.bool == false {
                unknown.append("\"\(name)\"")
            } else {
                validate(value, more, at: "\(place)/\(name)")
            }
        }
        if !unknown.isEmpty {
            fail(
                place,
                "object instance has properties which are not allowed by the schema: [\(unknown.joined(separator: ","))]"
            )
        }
    }
}
