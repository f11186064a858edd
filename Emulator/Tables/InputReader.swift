import Expressions
import JSON

/// Reads members of a request by their JSON type. Wrong types throw at once; wrong values are kept for later,
/// because AWS checks all types before it looks at any value.
struct InputReader {
    let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// A member that is present; JSON null counts as absent.
    subscript(name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws(ValidationError) -> String? {
        guard let value = self[name] else { return nil }
        return try JSONShape.string(value)
    }

    func bool(_ name: String) throws(ValidationError) -> Bool? {
        guard let value = self[name] else { return nil }
        return try JSONShape.bool(value)
    }

    func integer(_ name: String, type: String = "Integer") throws(ValidationError) -> Int? {
        guard let value = self[name] else { return nil }
        return try JSONShape.integer(value, type: type)
    }

    /// Seconds since the epoch, whole or not.
    func timestamp(_ name: String) throws(ValidationError) -> Double? {
        guard let value = self[name] else { return nil }
        guard let seconds = value.double, abs(seconds) < 1e12 else {
            _ = try JSONShape.integer(value, type: "Timestamp")
            throw ValidationError("\(name) has to be a time in seconds since 1970")
        }
        return seconds
    }

    func list(_ name: String) throws(ValidationError) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        return try JSONShape.list(value)
    }

    func structure(_ name: String, _ type: String) throws(ValidationError) -> InputReader? {
        guard let value = self[name] else { return nil }
        return InputReader(try JSONShape.field(value, type))
    }

    func structures(_ name: String, _ type: String) throws(ValidationError) -> [InputReader]? {
        guard let list = try list(name) else { return nil }
        var result: [InputReader] = []
        for element in list { result.append(InputReader(try JSONShape.structure(element, type))) }
        return result
    }

    func strings(_ name: String) throws(ValidationError) -> [String]? {
        guard let list = try list(name) else { return nil }
        var result: [String] = []
        for element in list { result.append(try JSONShape.string(element)) }
        return result
    }

    /// A key or an item.
    func item(_ name: String) throws(ValidationError) -> Result<Item, ValidationError>? {
        guard let value = self[name] else { return nil }
        let item = try Self.later { () throws(ValidationError) in try Item(json: value) }
        // A wrong value ended the reading early, yet wrong types behind it count for more.
        if case .failure = item { try JSONShape.checkItem(value) }
        return item
    }

    /// ExpressionAttributeNames.
    func names(_ name: String) throws(ValidationError) -> [(key: String, name: String)]? {
        guard let value = self[name] else { return nil }
        var result: [(key: String, name: String)] = []
        for (key, text) in try JSONShape.map(value, element: "java.lang.String") {
            result.append((key, try JSONShape.string(text)))
        }
        return result
    }

    /// ExpressionAttributeValues.
    func values(
        _ name: String
    ) throws(ValidationError) -> [(key: String, value: Result<AttributeValue, ValidationError>)]? {
        guard let value = self[name] else { return nil }
        let element = "com.amazonaws.dynamodb.v20120810.AttributeValue"
        var result: [(key: String, value: Result<AttributeValue, ValidationError>)] = []
        for (key, json) in try JSONShape.map(value, element: element) {
            let value = try Self.later { () throws(ValidationError) in try AttributeValue(json: json) }
            if case .failure = value { try JSONShape.checkValue(json) }
            result.append((key, value))
        }
        return result
    }

    /// Which of these members are present.
    func present(_ names: [String]) -> [String] { names.filter { self[$0] != nil } }

    static func later<T>(
        _ body: () throws(ValidationError) -> T
    ) throws(ValidationError) -> Result<T, ValidationError> {
        do throws(ValidationError) {
            return .success(try body())
        } catch {
            if error.kind == .serialization { throw error }
            return .failure(error)
        }
    }

    /// A table's name; an ARN stands for the name at its end.
    func tableName(_ member: String = "TableName") throws(ValidationError) -> String? {
        try string(member).map(Self.tableName)
    }

    static func tableName(_ text: String) -> String {
        guard text.hasPrefix("arn:"), let slash = text.firstIndex(of: "/") else { return text }
        let kind = text[..<slash].split(separator: ":", omittingEmptySubsequences: false)
        guard kind.count == 6, kind[2] == "dynamodb", kind[5] == "table" else { return text }
        return String(text[text.index(after: slash)...])
    }
}
