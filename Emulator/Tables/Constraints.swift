import AWSProtocol
import Expressions

/// The constraints of the service model (botocore's `dynamodb` model: required members, lengths, patterns and
/// enumerations). AWS collects failures and reports up to ten in one text.
struct Constraints {
    private static let maximumReported = 10
    private var failures: [String] = []

    init() {}

    /// - Parameter value: as the text echoes it; nil for an absent member.
    mutating func fail(_ value: String?, at path: String, _ rule: String) {
        let shown = value.map { "'\($0)'" } ?? "null"
        fail("Value \(shown) at '\(path)' failed to satisfy constraint: Member must \(rule)")
    }

    mutating func fail(_ text: String) { failures.append(text) }

    /// A fault of a map's keys or of its values.
    mutating func fail(_ value: String, at path: String, map part: String, _ rules: [String]) {
        let rules = rules.map { "Member must \($0)" }.joined(separator: ", ")
        failures.append(
            "Value '\(value)' at '\(path)' failed to satisfy constraint: Map \(part) must satisfy constraint: "
                + "[\(rules)]")
    }

    mutating func notNull(_ isPresent: Bool, at path: String) {
        if !isPresent { fail(nil, at: path, "not be null") }
    }

    mutating func member(_ value: String?, of allowed: [String], at path: String) {
        guard let value, !allowed.contains(value) else { return }
        fail(value, at: path, "satisfy enum value set: [\(allowed.joined(separator: ", "))]")
    }

    mutating func range(_ value: Int?, at path: String, from low: Int, to high: Int? = nil) {
        guard let value else { return }
        if value < low { fail(String(value), at: path, "have value greater than or equal to \(low)") }
        if let high, value > high {
            fail(String(value), at: path, "have value less than or equal to \(high)")
        }
    }

    mutating func length(_ text: String?, at path: String, from low: Int, to high: Int) {
        guard let text else { return }
        length(text.utf16.count, shown: text, at: path, from: low, to: high)
    }

    mutating func length(_ count: Int, shown: String, at path: String, from low: Int, to high: Int) {
        if count < low { fail(shown, at: path, "have length greater than or equal to \(low)") }
        if count > high { fail(shown, at: path, "have length less than or equal to \(high)") }
    }

    /// Names of tables and indexes.
    mutating func name(_ name: String?, at path: String, required: Bool = true) {
        guard let name else {
            if required { notNull(false, at: path) }
            return
        }
        guard !name.isEmpty else { return fail(name, at: path, "have length greater than or equal to 1") }
        if !Self.hasNameCharacters(name) {
            fail(name, at: path, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
        }
        length(name, at: path, from: 3, to: 255)
    }

    private static func hasNameCharacters(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F || byte == 0x2E || byte == 0x2D
        }
    }

    /// Whether a map's key names a table, by its name or its ARN.
    static func isTableName(_ text: String) -> Bool {
        let name = InputReader.tableName(text)
        return (3...255).contains(name.utf8.count) && hasNameCharacters(name)
    }

    static let tableNameRules = [
        "have length less than or equal to 255", "have length greater than or equal to 3",
        "satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ]

    static let capacityLevels = ["INDEXES", "TOTAL", "NONE"]
    static let metricsLevels = ["SIZE", "NONE"]
    static let conditionFailureValues = ["ALL_OLD", "NONE"]

    /// - Throws: one `ValidationException` for all that was found.
    func check() throws {
        guard !failures.isEmpty else { return }
        let reported = failures.prefix(Self.maximumReported)
        throw TableErrors.validation(
            "\(reported.count) validation error\(reported.count > 1 ? "s" : "") detected: "
                + reported.joined(separator: "; "))
    }
}
