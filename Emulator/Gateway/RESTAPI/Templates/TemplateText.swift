import Bytes
import JSON

/// How values look in a template's output, and what `$util` does with them.
enum TemplateText {
    /// A list is JSON, a map is written as Java does: `{name=value}`.
    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): String(flag)
        case .array: value.encodedString()
        case .object(let object):
            "{"
                + object.map { "\($0.key)=\($0.value.isNull ? "null" : plain($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    /// `$util.{name}(argument)`; nil for what it does not have.
    static func utility(_ name: String, _ argument: JSONValue) -> JSONValue? {
        let text = plain(argument)
        switch name {
        case "escapeJavaScript": return .string(escaped(text))
        case "parseJson": return try? JSONValue.parse(text)
        case "urlEncode":
            return .string(PercentEncoding.encode(text).replacing("%20", with: "+"))
        case "urlDecode": return .string(PercentEncoding.decode(text, plusIsSpace: true) ?? text)
        case "base64Encode": return .string(Base64.encode(text.bytes))
        case "base64Decode": return Base64.decode(text).map { .string(String(utf8: $0)) }
        default: return nil
        }
    }

    /// By the rules of ECMAScript strings, everything beyond ASCII included.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for unit in text.utf16 {
            switch unit {
            case 0x22, 0x27, 0x5C, 0x2F:
                result += "\\"
                result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            case 0x08: result += "\\b"
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default: result += "\\u" + Hex.encode(UInt64(unit), digits: 4).uppercased()
            }
        }
        return result
    }
}

/// The methods of Java's strings, lists and maps that templates use.
enum TemplateMethods {
    static func call(_ name: String, _ arguments: [JSONValue], of value: JSONValue) -> JSONValue? {
        switch value {
        case .string(let text): string(name, arguments.map { TemplateText.plain($0) }, text)
        case .array(let list): self.list(name, arguments, list)
        case .object(let object): map(name, arguments, object)
        default: name == "toString" ? .string(TemplateText.plain(value)) : equality(name, arguments, value)
        }
    }

    private static func equality(_ name: String, _ arguments: [JSONValue], _ value: JSONValue) -> JSONValue? {
        name == "equals" ? .bool(arguments.first == value) : nil
    }

    private static func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    private static func string(_ name: String, _ arguments: [String], _ text: String) -> JSONValue? {
        switch (name, arguments.count) {
        case ("length", 0), ("size", 0): return number(text.utf16.count)
        case ("isEmpty", 0): return .bool(text.isEmpty)
        case ("toString", 0): return .string(text)
        case ("toLowerCase", 0): return .string(text.lowercased())
        case ("toUpperCase", 0): return .string(text.uppercased())
        case ("trim", 0): return .string(trimmed(text))
        case ("equals", 1): return .bool(text == arguments[0])
        case ("equalsIgnoreCase", 1): return .bool(text.lowercased() == arguments[0].lowercased())
        case ("contains", 1): return .bool(arguments[0].isEmpty || text.contains(arguments[0]))
        case ("startsWith", 1): return .bool(text.hasPrefix(arguments[0]))
        case ("endsWith", 1): return .bool(text.hasSuffix(arguments[0]))
        case ("concat", 1): return .string(text + arguments[0])
        case ("indexOf", 1):
            let place = text.firstRange(of: arguments[0])?.lowerBound
            return number(place.map { text.distance(from: text.startIndex, to: $0) } ?? -1)
        case ("replace", 2), ("replaceAll", 2):
            if arguments[0].isEmpty { return .string(text) }
            return .string(text.replacing(arguments[0], with: arguments[1]))
        case ("split", 1):
            if arguments[0].isEmpty { return .array([.string(text)]) }
            return .array(text.split(separator: arguments[0]).map { .string(String($0)) })
        case ("substring", 1), ("substring", 2): return substring(text, arguments)
        default: return nil
        }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static func substring(_ text: String, _ arguments: [String]) -> JSONValue? {
        let characters = Array(text)
        let bounds = arguments.compactMap { Int($0) }
        guard bounds.count == arguments.count, let first = bounds.first else { return nil }
        let end = bounds.count > 1 ? bounds[1] : characters.count
        guard first >= 0, first <= end, end <= characters.count else { return nil }
        return .string(String(characters[first..<end]))
    }

    private static func list(_ name: String, _ arguments: [JSONValue], _ list: [JSONValue]) -> JSONValue? {
        switch (name, arguments.count) {
        case ("size", 0): return number(list.count)
        case ("isEmpty", 0): return .bool(list.isEmpty)
        case ("get", 1):
            guard let index = arguments[0].int ?? arguments[0].string.flatMap({ Int($0) }) else { return nil }
            return list.indices.contains(index) ? list[index] : nil
        case ("contains", 1): return .bool(list.contains(arguments[0]))
        case ("toString", 0): return .string(TemplateText.plain(.array(list)))
        default: return equality(name, arguments, .array(list))
        }
    }

    private static func map(_ name: String, _ arguments: [JSONValue], _ object: JSONObject) -> JSONValue? {
        switch (name, arguments.count) {
        case ("size", 0): return number(object.count)
        case ("isEmpty", 0): return .bool(object.isEmpty)
        case ("get", 1): return object[TemplateText.plain(arguments[0])]
        case ("containsKey", 1): return .bool(object[TemplateText.plain(arguments[0])] != nil)
        case ("keySet", 0): return .array(object.keys.map { .string($0) })
        case ("values", 0): return .array(object.map(\.value))
        case ("entrySet", 0):
            return .array(object.map { ["key": .string($0.key), "value": $0.value] })
        case ("toString", 0): return .string(TemplateText.plain(.object(object)))
        default: return equality(name, arguments, .object(object))
        }
    }
}
