import JSON

/// Reads the members of one object; each error names the member with its whole path. A member that
/// is null counts as absent: AWS leaves out what is missing, other tools write null.
///
/// What only the events of `EventSources` need is an extension there, so that handlers without them stay small.
package struct FieldDecoder {
    package let object: JSONObject
    package let path: String

    package init(_ value: JSONValue, path: String = "") throws(EventDecodingError) {
        guard let object = value.object else {
            throw EventDecodingError(
                field: path.isEmpty ? "event" : path, reason: "must be an object, not \(Self.kind(value))")
        }
        self.object = object
        self.path = path
    }

    package func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package func string(_ key: String) throws(EventDecodingError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw wrongType(key, "a string", value) }
        return text
    }

    package func requiredString(_ key: String) throws(EventDecodingError) -> String {
        guard let text = try string(key) else { throw missing(key) }
        return text
    }

    package func bool(_ key: String) throws(EventDecodingError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else { throw wrongType(key, "true or false", value) }
        return bool
    }

    package func int64(_ key: String) throws(EventDecodingError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let number = value.int64 else { throw wrongType(key, "an integer", value) }
        return number
    }

    package func strings(_ key: String) throws(EventDecodingError) -> [String] {
        guard let value = value(key) else { return [] }
        guard let elements = value.array else { throw wrongType(key, "an array of strings", value) }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let text = element.string else { throw wrongType("\(key)[\(index)]", "a string", element) }
            strings.append(text)
        }
        return strings
    }

    package func stringMap(_ key: String) throws(EventDecodingError) -> [String: String] {
        guard let value = value(key) else { return [:] }
        guard let members = value.object else { throw wrongType(key, "an object of strings", value) }
        var map: [String: String] = [:]
        map.reserveCapacity(members.count)
        for (name, member) in members {
            guard let text = member.string else { throw wrongType("\(key).\(name)", "a string", member) }
            map[name] = text
        }
        return map
    }

    package func nested(_ key: String) throws(EventDecodingError) -> FieldDecoder {
        guard let value = value(key) else { throw missing(key) }
        return try FieldDecoder(value, path: full(key))
    }

    package func wrongType(_ key: String, _ expected: String, _ value: JSONValue) -> EventDecodingError {
        EventDecodingError(field: full(key), reason: "must be \(expected), not \(Self.kind(value))")
    }

    package func missing(_ key: String) -> EventDecodingError {
        EventDecodingError(field: full(key), reason: "is missing")
    }

    package func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .number(let number): "the number \(number.text.prefix(32))"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
