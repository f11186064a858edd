import Expressions
import JSON

/// What holds for the JSON reader and writer, whatever they are given.
public enum JSONProperties {
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            try require((0...bytes.count).contains(error.offset), "an offset outside of the text: \(error)")
            try require(error.line > 0 && error.column > 0, "no place: \(error)")
            return
        }
        let encoded = value.encoded()
        let again = try must("own text is refused") { () throws(JSONError) in try JSONValue.parse(encoded) }
        try require(again.encoded() == encoded, "another text after reading: \(value.encodedString())")
        try require(again == value, "another value after reading: \(value.encodedString())")
        let pretty = value.prettyPrinted()
        let fromPretty = try must("pretty text is refused") { () throws(JSONError) in
            try JSONValue.parse(pretty)
        }
        try require(fromPretty.encoded() == encoded, "pretty printing changed: \(pretty)")
        try checkMembers(of: value, in: bytes)
        try checkItem(value)
    }

    private static func checkMembers(of value: JSONValue, in bytes: [UInt8]) throws(PropertyFailure) {
        guard let object = value.object else { return }
        for (name, member) in object {
            guard let found = object[name] else { throw PropertyFailure("a member is not found: \(name)") }
            try require(found.encoded() == member.encoded(), "two members are called \(name)")
            try require(JSONLocator.line(of: [name], in: bytes) != nil, "no line of \(name)")
        }
    }

    /// An item that is accepted comes back as the same item.
    private static func checkItem(_ value: JSONValue) throws(PropertyFailure) {
        guard let item = try? Item(json: value) else { return }
        let again = try must("an item's own JSON is refused") { () throws(ValidationError) in
            try Item(json: item.json)
        }
        try require(again == item, "another item after reading: \(value.encodedString())")
        try KeyProperties.checkStored(item)
    }
}
