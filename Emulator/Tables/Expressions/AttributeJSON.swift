import Bytes
import JSON

/// How values stand in requests and responses: `{"S": "text"}`, `{"L": [...]}`, ...
extension AttributeValue {
    /// Levels of `M` and `L` an item may have inside it.
    static let maximumNesting = 31

    /// Whether an attribute's value has more levels of `M` and `L` than an item may have. Looks no deeper.
    public var isNestedTooDeep: Bool { isNestedTooDeep(at: 0) }

    private func isNestedTooDeep(at depth: Int) -> Bool {
        if depth > Self.maximumNesting { return true }
        return switch self {
        case .m(let map): map.contains { $0.value.isNestedTooDeep(at: depth + 1) }
        case .l(let list): list.contains { $0.isNestedTooDeep(at: depth + 1) }
        default: false
        }
    }

    public static let nestingError = ValidationError(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
            + "beyond supported limit")

    /// Reads a value as a request carries it.
    /// - Throws: `ValidationError` with AWS's text; its kind tells wrong JSON types from wrong values.
    public init(json: JSONValue) throws(ValidationError) {
        do throws(ValidationError) {
            self = try AttributeReader.value(json, depth: 0)
        } catch {
            if error.kind == .validation { try AttributeTypes.checkValue(json) }
            throw error
        }
    }

    public var json: JSONValue {
        var object = JSONObject()
        object.append(typeName, content)
        return .object(object)
    }

    private var content: JSONValue {
        switch self {
        case .s(let text): .string(text)
        case .n(let number): .string(number.description)
        case .b(let bytes): .string(Base64.encode(bytes))
        case .ss(let members): .array(members.map { .string($0) })
        case .ns(let members): .array(members.map { .string($0.description) })
        case .bs(let members): .array(members.map { .string(Base64.encode($0)) })
        case .m(let map): map.json
        case .l(let members): .array(members.map(\.json))
        case .bool(let flag): .bool(flag)
        case .null: .bool(true)
        }
    }
}

extension AttributeMap {
    public static let maximumNameBytes = 65_535
    public static let nameTooLong = ValidationError(
        "Attribute name is too large, must be less than 65536 bytes")

    /// Reads an item or a key.
    /// - Throws: as `AttributeValue.init(json:)`.
    public init(json: JSONValue) throws(ValidationError) {
        do throws(ValidationError) {
            self = try AttributeReader.map(json, depth: 0)
        } catch {
            if error.kind == .validation { try AttributeTypes.checkMap(json) }
            throw error
        }
    }

    public var json: JSONValue {
        var object = JSONObject()
        for entry in entries { object.append(entry.name, entry.value.json) }
        return .object(object)
    }
}

/// Looks for wrong JSON types only: one anywhere counts before a wrong value, wherever that stands. Asked
/// only when there is a wrong value.
private enum AttributeTypes {
    static func checkMap(_ json: JSONValue) throws(ValidationError) {
        guard let object = json.object else {
            throw JSONShape.mapError(json, element: "com.amazonaws.dynamodb.v20120810.AttributeValue")
        }
        for (_, value) in object { try checkValue(value) }
    }

    static func checkValue(_ json: JSONValue) throws(ValidationError) {
        guard let object = json.object else { throw JSONShape.attributeError(json) }
        for (name, content) in object where !content.isNull {
            guard let type = AttributeType(rawValue: name) else { continue }
            switch type {
            case .s, .n: _ = try JSONShape.string(content)
            case .b: _ = try JSONShape.bytes(content)
            case .bool, .null: _ = try JSONShape.bool(content)
            case .ss, .ns: for member in try JSONShape.list(content) { _ = try JSONShape.string(member) }
            case .bs: for member in try JSONShape.list(content) { _ = try JSONShape.bytes(member) }
            case .l: for member in try JSONShape.list(content) { try checkValue(member) }
            case .m: try checkMap(content)
            }
        }
    }
}

private enum AttributeReader {
    static func map(_ json: JSONValue, depth: Int) throws(ValidationError) -> AttributeMap {
        guard let object = json.object else {
            throw JSONShape.mapError(json, element: "com.amazonaws.dynamodb.v20120810.AttributeValue")
        }
        var pairs: [(name: String, value: AttributeValue)] = []
        pairs.reserveCapacity(object.count)
        for (name, value) in object {
            guard !name.isEmpty else { throw ValidationError("Empty attribute name") }
            guard name.utf8.count <= AttributeMap.maximumNameBytes else { throw AttributeMap.nameTooLong }
            pairs.append((name, try AttributeReader.value(value, depth: depth)))
        }
        return AttributeMap(pairs)
    }

    static func value(_ json: JSONValue, depth: Int) throws(ValidationError) -> AttributeValue {
        guard let object = json.object else { throw JSONShape.attributeError(json) }
        guard depth <= AttributeValue.maximumNesting else { throw AttributeValue.nestingError }
        var found: AttributeValue?
        for (name, content) in object where !content.isNull {
            guard let type = AttributeType(rawValue: name) else { continue }
            let value = try self.value(type, content, depth: depth)
            guard found == nil else {
                throw ValidationError(
                    "Supplied AttributeValue has more than one datatypes set, "
                        + "must contain exactly one of the supported datatypes")
            }
            found = value
        }
        guard let found else {
            throw ValidationError(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
        }
        return found
    }

    private static func value(
        _ type: AttributeType, _ json: JSONValue, depth: Int
    ) throws(ValidationError) -> AttributeValue {
        switch type {
        case .s: return .s(try JSONShape.string(json))
        case .n: return .n(try DecimalNumber(JSONShape.string(json)))
        case .b: return .b(try JSONShape.bytes(json))
        case .ss: return try stringSet(JSONShape.list(json))
        case .ns: return try numberSet(JSONShape.list(json))
        case .bs: return try binarySet(JSONShape.list(json))
        case .m: return .m(try map(json, depth: depth + 1))
        case .l:
            var members: [AttributeValue] = []
            for member in try JSONShape.list(json) { members.append(try value(member, depth: depth + 1)) }
            return .l(members)
        case .bool: return .bool(try JSONShape.bool(json))
        case .null:
            guard try JSONShape.bool(json) else {
                throw ValidationError(
                    invalid("Null attribute value types must have the value of true"))
            }
            return .null
        }
    }

    private static func invalid(_ text: String) -> String {
        "One or more parameter values were invalid: " + text
    }

    private static func stringSet(_ list: [JSONValue]) throws(ValidationError) -> AttributeValue {
        guard !list.isEmpty else { throw ValidationError(invalid("An string set  may not be empty")) }
        var members: [String] = []
        for member in list { members.append(try JSONShape.string(member)) }
        let set = AttributeValue.strings(members)
        guard case .ss(let distinct) = set, distinct.count == members.count else {
            let plain = members.joined(separator: ", ")
            let quoted = members.map { "\"\($0)\"" }.joined(separator: ", ")
            throw ValidationError(
                invalid("Input collection [\(plain)] contains duplicates."),
                reworded: invalid("Input collection [\(quoted)] contains duplicates."))
        }
        return set
    }

    private static func numberSet(_ list: [JSONValue]) throws(ValidationError) -> AttributeValue {
        guard !list.isEmpty else { throw ValidationError(invalid("An number set  may not be empty")) }
        var members: [DecimalNumber] = []
        for member in list { members.append(try DecimalNumber(JSONShape.string(member))) }
        let set = AttributeValue.numbers(members)
        guard case .ns(let distinct) = set, distinct.count == members.count else {
            throw ValidationError("Input collection contains duplicates")
        }
        return set
    }

    private static func binarySet(_ list: [JSONValue]) throws(ValidationError) -> AttributeValue {
        guard !list.isEmpty else { throw ValidationError(invalid("Binary sets should not be empty")) }
        var members: [[UInt8]] = []
        for member in list { members.append(try JSONShape.bytes(member)) }
        let set = AttributeValue.binaries(members)
        guard case .bs(let distinct) = set, distinct.count == members.count else {
            let listed = members.map { Base64.encode($0) }.joined(separator: ", ")
            throw ValidationError(
                invalid("Input collection [\(listed)]of type BS contains duplicates."))
        }
        return set
    }
}
