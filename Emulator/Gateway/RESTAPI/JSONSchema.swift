import JSON

/// A model of a REST API: JSON Schema draft 4, as API Gateway uses it to validate request bodies.
///
/// All keywords of "JSON Schema: interactive and non interactive validation" (draft-fge-json-schema-validation-00):
/// `type`, `enum`, numbers, strings, arrays, objects, `allOf`, `anyOf`, `oneOf`, `not`, `dependencies`,
/// `definitions`, and `$ref` inside of the document or to another model of the API. `format` knows `date-time`,
/// `email`, `hostname`, `ipv4`, `ipv6` and `uri`.
public struct JSONSchema: Sendable {
    public let document: JSONValue

    /// - Throws: `JSONSchemaError` for a document that is no schema.
    public init(_ document: JSONValue) throws(JSONSchemaError) {
        try JSONSchemaCheck.check(document, at: "#")
        self.document = document
    }

    /// What is wrong with a value, in the words of API Gateway's validator and in the order in which it was found: the
    /// first 100 problems, none of a valid value.
    ///
    /// - Parameter models: other models of the API, by name.
    public func problems(of value: JSONValue, models: [String: JSONSchema] = [:]) -> [String] {
        var validator = JSONSchemaValidator(root: document, models: models)
        validator.validate(value, document, at: "")
        return validator.problems
    }
}

/// Why a document is no schema.
public struct JSONSchemaError: Error, Equatable, CustomStringConvertible {
    /// `#/properties/name`.
    public let place: String
    public let reason: String

    public var description: String { "\(place): \(reason)" }
}

/// Looks at a schema once, when the manifest is read.
enum JSONSchemaCheck {
    static let types = ["array", "boolean", "integer", "null", "number", "object", "string"]

    static func check(_ schema: JSONValue, at place: String) throws(JSONSchemaError) {
        guard let object = schema.object else {
            throw JSONSchemaError(place: place, reason: "a schema has to be an object")
        }
        for (keyword, value) in object { try check(keyword, value, at: "\(place)/\(keyword)") }
    }

    private static func check(
        _ keyword: String, _ value: JSONValue, at place: String
    ) throws(JSONSchemaError) {
        func failure(_ reason: String) -> JSONSchemaError { JSONSchemaError(place: place, reason: reason) }
        switch keyword {
        case "type":
            let names = value.array ?? [value]
            guard !names.isEmpty, names.allSatisfy({ types.contains($0.string ?? "") }) else {
                throw failure("has to be one of \(types.joined(separator: ", ")), or a list of them")
            }
        case "minimum", "maximum":
            guard value.number != nil else { throw failure("has to be a number") }
        case "multipleOf":
            guard let number = value.double, number > 0 else {
                throw failure("has to be a number above 0")
            }
        case "exclusiveMinimum", "exclusiveMaximum", "uniqueItems":
            guard value.bool != nil else { throw failure("has to be true or false in draft 4") }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            guard let number = value.int, number >= 0 else {
                throw failure("has to be a whole number from 0")
            }
        case "pattern":
            guard let text = value.string, RegularExpression(text) != nil else {
                throw failure("has to be a regular expression that can be understood")
            }
        case "enum":
            guard value.array?.isEmpty == false else { throw failure("has to be a list of values") }
        case "required":
            guard let names = value.array, names.allSatisfy({ $0.string != nil }) else {
                throw failure("has to be a list of names in draft 4")
            }
        case "properties", "patternProperties", "definitions":
            guard let object = value.object else { throw failure("has to be an object of schemas") }
            for (name, schema) in object { try check(schema, at: "\(place)/\(name)") }
        case "allOf", "anyOf", "oneOf":
            guard let list = value.array, !list.isEmpty else { throw failure("has to be a list of schemas") }
            for (index, schema) in list.enumerated() { try check(schema, at: "\(place)/\(index)") }
        case "not": try check(value, at: place)
        case "additionalProperties", "additionalItems":
            if value.bool == nil { try check(value, at: place) }
        case "items":
            guard let list = value.array else { return try check(value, at: place) }
            for (index, schema) in list.enumerated() { try check(schema, at: "\(place)/\(index)") }
        case "dependencies":
            guard let object = value.object else { throw failure("has to be an object") }
            for (name, one) in object where one.array == nil { try check(one, at: "\(place)/\(name)") }
        case "$ref":
            guard value.string != nil else { throw failure("has to be a string") }
        default: break
        }
    }
}
