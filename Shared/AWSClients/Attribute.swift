import Bytes
import JSON

/// DynamoDB attribute values in their JSON form, `{"S": "text"}`.
public enum Attribute {
    public static func s(_ text: String) -> JSONValue { typed("S", .string(text)) }
    public static func n(_ number: Int) -> JSONValue { typed("N", .string(String(number))) }
    public static func bool(_ value: Bool) -> JSONValue { typed("BOOL", .bool(value)) }
    public static var null: JSONValue { typed("NULL", .bool(true)) }
    public static func b(_ bytes: [UInt8]) -> JSONValue { typed("B", .string(Base64.encode(bytes))) }
    public static func m(_ members: JSONObject) -> JSONValue { typed("M", .object(members)) }
    public static func l(_ elements: [JSONValue]) -> JSONValue { typed("L", .array(elements)) }
    public static func ss(_ texts: [String]) -> JSONValue {
        typed("SS", .array(texts.map { JSONValue.string($0) }))
    }

    private static func typed(_ type: String, _ value: JSONValue) -> JSONValue {
        var object = JSONObject()
        object.append(type, value)
        return .object(object)
    }
}

/// Reading attribute values; each is nil when the value has another type.
extension JSONValue {
    public var attributeS: String? { self["S"]?.string }
    /// Nil too when the number is no integer in the range of Int.
    public var attributeN: Int? { self["N"]?.string.flatMap { Int($0) } }
    public var attributeBool: Bool? { self["BOOL"]?.bool }
    public var attributeB: [UInt8]? { self["B"]?.string.flatMap { Base64.decode($0) } }
    public var attributeM: JSONObject? { self["M"]?.object }
    public var attributeL: [JSONValue]? { self["L"]?.array }
    public var attributeSS: [String]? { self["SS"]?.array?.compactMap(\.string) }
}
