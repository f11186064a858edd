import AWSProtocol
import Bytes
import Clock
import JSON

/// The document that says what a form may upload (Amazon S3 API Reference, "POST Policy").
package struct PostPolicy: Sendable, Equatable {
    package enum Condition: Sendable, Equatable {
        /// `field` is lower-case, without `$`; nil when the `$` is missing, which matches nothing.
        /// `text` is the condition as S3 prints it.
        case equal(field: String?, value: String, text: String)
        case startsWith(field: String?, prefix: String, text: String)
        /// Bytes of the file, both included.
        case length(min: Int64, max: Int64)
        /// A range whose bounds are no numbers.
        case never(text: String)
    }

    package var expiration: Timestamp
    package var conditions: [Condition]

    /// - Parameter encoded: base 64 of the document, as the form carries it.
    package init(encoded: String) throws(AWSError) {
        // The signature covers the text as sent, so line breaks and missing padding do no harm.
        var digits = encoded.utf8.filter { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        digits.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - digits.count % 4) % 4))
        guard let bytes = Base64.decode(String(utf8: digits)) else { throw .invalidPolicy("Invalid JSON.") }
        try self.init(document: bytes)
    }

    package init(document: [UInt8]) throws(AWSError) {
        guard let root = try? JSONValue.parse(document).object else { throw .invalidPolicy("Invalid JSON.") }
        for name in root.keys where name != "expiration" && name != "conditions" {
            throw .invalidPolicy("Unexpected: '\(name.lowercased())'")
        }
        guard let expiration = root["expiration"] else { throw .invalidPolicy("Policy missing expiration.") }
        guard let conditions = root["conditions"] else { throw .invalidPolicy("Policy missing conditions.") }
        guard let text = expiration.string, text.hasSuffix("Z"), let time = Timestamp(iso8601: text) else {
            throw .invalidPolicy(
                "Invalid 'expiration' value: '\(expiration.string ?? expiration.encodedString())'")
        }
        guard let list = conditions.array else {
            throw .invalidPolicy("Invalid 'conditions' value: must be a List.")
        }
        self.expiration = time
        self.conditions = try list.map { value throws(AWSError) in try Self.condition(value) }
    }

    private static func condition(_ value: JSONValue) throws(AWSError) -> Condition {
        switch value {
        case .object(let object): return try simple(object)
        case .array(let items): return try operation(items)
        default: throw .invalidPolicy("Invalid Condition: must be a List or Object.")
        }
    }

    private static func simple(_ object: JSONObject) throws(AWSError) -> Condition {
        guard object.count == 1, let name = object.keys.first, let value = object[name] else {
            throw .invalidPolicy(
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
        }
        if value.isNull { throw .invalidPolicy("Invalid JSON.") }
        guard let text = value.string else {
            throw .invalidPolicy("Invalid Simple-Condition: value must be a string.")
        }
        return .equal(
            field: name.lowercased(), value: text, text: printed([.string("eq"), .string("$\(name)"), value]))
    }

    private static func operation(_ items: [JSONValue]) throws(AWSError) -> Condition {
        guard let named = items.first else {
            throw .invalidPolicy("Invalid Condition: missing operation identifier.")
        }
        guard let name = named.string else { throw .invalidPolicy("Invalid JSON.") }
        let known = ["eq", "starts-with", "content-length-range"]
        guard known.contains(name.lowercased()) else {
            throw .invalidPolicy("Invalid Condition: unknown operation '\(name)'.")
        }
        guard items.count == 3 else { throw .invalidPolicy("Invalid \(name): wrong number of arguments.") }
        if name.lowercased() == "content-length-range" { return try range(items) }
        guard let field = items[1].string, let value = items[2].string else {
            throw .invalidPolicy("Invalid JSON.")
        }
        let target = field.hasPrefix("$") ? String(field.dropFirst()).lowercased() : nil
        return name.lowercased() == "eq"
            ? .equal(field: target, value: value, text: printed(items))
            : .startsWith(field: target, prefix: value, text: printed(items))
    }

    /// Bounds may be written as text.
    private static func range(_ items: [JSONValue]) throws(AWSError) -> Condition {
        var bounds: [Int64] = []
        for item in items.dropFirst() {
            switch item {
            case .number(let number):
                guard let bound = Int64(number.description) else { throw .invalidPolicy("Invalid JSON.") }
                bounds.append(bound)
            case .string(let text):
                guard let bound = Int64(text) else { return .never(text: printed(items)) }
                bounds.append(bound)
            default: throw .invalidPolicy("Invalid JSON.")
            }
        }
        guard bounds.allSatisfy({ $0 >= 0 }) else {
            throw .invalidPolicy("Invalid content-length-range: the bounds must not be negative.")
        }
        return .length(min: bounds[0], max: bounds[1])
    }

    /// A list as S3 prints it: one space after each comma.
    private static func printed(_ items: [JSONValue]) -> String {
        "[" + items.map { $0.encodedString() }.joined(separator: ", ") + "]"
    }
}

extension AWSError {
    static func invalidPolicy(_ reason: String) -> AWSError {
        AWSError(code: "InvalidPolicyDocument", message: "Invalid Policy: \(reason)")
    }
}
