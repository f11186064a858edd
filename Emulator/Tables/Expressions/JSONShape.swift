import Bytes
import JSON

/// JSON types as AWS's deserialiser checks them, with its texts. A wrong type is a
/// `SerializationException`, found before any value is looked at.
public enum JSONShape {
    static func error(_ text: String) -> ValidationError { ValidationError(text, kind: .serialization) }

    private static func scalar(_ json: JSONValue) -> String {
        switch json {
        case .bool(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
        case .number(let number):
            number.text.utf8.contains { $0 == 0x2E || $0 | 0x20 == 0x65 } ? "DECIMAL_VALUE" : "NUMBER_VALUE"
        default: "STRING_VALUE"
        }
    }

    private static func refuse(_ json: JSONValue, as type: String) -> ValidationError {
        switch json {
        case .object: error("Start of structure or map found where not expected")
        case .array: error("Unrecognized collection type class java.lang.\(type)")
        default: error("\(scalar(json)) cannot be converted to \(type)")
        }
    }

    public static func string(_ json: JSONValue) throws(ValidationError) -> String {
        guard let text = json.string else { throw refuse(json, as: "String") }
        return text
    }

    public static func bool(_ json: JSONValue) throws(ValidationError) -> Bool {
        if let text = json.string { return try bool(text) }
        guard let flag = json.bool else { throw refuse(json, as: "Boolean") }
        return flag
    }

    /// A few words count as booleans.
    private static func bool(_ text: String) throws(ValidationError) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw error("Unexpected token received from parser")
        }
    }

    /// A fraction is cut off, as AWS does.
    public static func integer(_ json: JSONValue, type: String = "Integer") throws(ValidationError) -> Int {
        guard case .number(let number) = json else { throw refuse(json, as: type) }
        if let value = number.int { return value }
        return Int(exactly: number.double.rounded(.down)) ?? (number.double < 0 ? .min : .max)
    }

    public static func list(_ json: JSONValue) throws(ValidationError) -> [JSONValue] {
        if let list = json.array { return list }
        if json.object != nil { throw error("Start of structure or map found where not expected") }
        throw error("Unexpected field type")
    }

    /// A structure that is a member of another one; AWS words a scalar in its place differently.
    public static func field(_ json: JSONValue, _ name: String) throws(ValidationError) -> JSONObject {
        if json.object == nil, json.array == nil { throw error("Unexpected field type") }
        return try structure(json, name)
    }

    /// A list or map inside another one. For a scalar in its place AWS's deserialiser trips over its own
    /// generic types, and says so.
    public static func checkNested(_ json: JSONValue) throws(ValidationError) {
        guard json.object == nil, json.array == nil else { return }
        let type = "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"
        throw error(
            "class \(type) cannot be cast to class java.lang.Class (\(type) and java.lang.Class are in "
                + "module java.base of loader 'bootstrap')")
    }

    /// A structure of the service model inside a list or map.
    public static func structure(_ json: JSONValue, _ name: String) throws(ValidationError) -> JSONObject {
        if let object = json.object { return object }
        if json.array != nil {
            throw error("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.\(name)")
        }
        throw error("Unexpected value type in payload")
    }

    /// A map from strings to `element`, a Java class name.
    public static func map(_ json: JSONValue, element: String) throws(ValidationError) -> JSONObject {
        guard let object = json.object else { throw mapError(json, element: element) }
        return object
    }

    static func mapError(_ json: JSONValue, element: String) -> ValidationError {
        json.array == nil
            ? error("Unexpected field type")
            : error("Unrecognized collection type java.util.Map<java.lang.String, \(element)>")
    }

    static func attributeError(_ json: JSONValue) -> ValidationError {
        json.array == nil
            ? error("Unexpected value type in payload")
            : error("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue")
    }

    static func bytes(_ json: JSONValue) throws(ValidationError) -> [UInt8] {
        guard let text = json.string else {
            switch json {
            case .object: throw error("Start of structure or map found where not expected")
            case .array: throw error("Unrecognized collection type class java.nio.ByteBuffer")
            default: throw error("only base-64-encoded strings are convertible to bytes")
            }
        }
        if let bytes = Base64.decode(text) { return bytes }
        guard text.utf8.count % 4 == 0 else {
            throw error(
                "Base64 encoded length is expected a multiple of 4 bytes but found: \(text.utf8.count)")
        }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
        if let wrong = text.first(where: { !alphabet.contains($0) }) {
            throw error("Invalid Base64 character: '\(wrong)'")
        }
        throw error("Invalid last non-pad Base64 character dectected")
    }
}

// MARK: - Values whose content does not matter

extension JSONShape {
    /// Checks the JSON types of an item or a key, and nothing else.
    public static func checkItem(_ json: JSONValue) throws(ValidationError) {
        guard let object = json.object else {
            throw mapError(json, element: "com.amazonaws.dynamodb.v20120810.AttributeValue")
        }
        for (_, value) in object { try checkValue(value) }
    }

    /// Checks the JSON types inside an attribute value.
    public static func checkValue(_ json: JSONValue) throws(ValidationError) {
        guard let object = json.object else { throw attributeError(json) }
        for (name, content) in object where !content.isNull {
            switch AttributeType(rawValue: name) {
            case .s, .n: _ = try string(content)
            case .b: _ = try bytes(content)
            case .ss, .ns: for member in try list(content) { _ = try string(member) }
            case .bs: for member in try list(content) { _ = try bytes(member) }
            case .m: try checkItem(content)
            case .l: for member in try list(content) { try checkValue(member) }
            case .bool, .null: _ = try bool(content)
            case nil: continue
            }
        }
    }
}
