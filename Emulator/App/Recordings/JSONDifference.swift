import JSON

/// Where two documents differ.
struct JSONDifference: Sendable, Equatable {
    /// It leads on into strings that hold JSON: the body of an HTTP answer.
    let path: JSONPath
    /// nil when it was added.
    let before: JSONValue?
    /// nil when it was removed.
    let after: JSONValue?

    /// In the order of the documents. Objects are compared by name, arrays by index; of two strings that hold
    /// objects or arrays, what they hold is compared.
    static func list(_ before: JSONValue, _ after: JSONValue) -> [JSONDifference] {
        list(before, after, at: JSONPath([]))
    }

    private static func list(
        _ before: JSONValue, _ after: JSONValue, at path: JSONPath
    ) -> [JSONDifference] {
        switch (before, after) {
        case (.object(let old), .object(let new)):
            var found: [JSONDifference] = []
            for (name, value) in old {
                let place = path.appending(.name(name))
                if let other = new[name] {
                    found += list(value, other, at: place)
                } else {
                    found.append(.init(path: place, before: value, after: nil))
                }
            }
            for (name, value) in new where old[name] == nil {
                found.append(
                    .init(path: path.appending(.name(name)), before: nil, after: value))
            }
            return found
        case (.array(let old), .array(let new)):
            return (0..<max(old.count, new.count)).flatMap { index -> [JSONDifference] in
                let place = path.appending(.index(index))
                guard index < old.count else {
                    return [.init(path: place, before: nil, after: new[index])]
                }
                guard index < new.count else {
                    return [.init(path: place, before: old[index], after: nil)]
                }
                return list(old[index], new[index], at: place)
            }
        case (.string(let old), .string(let new)):
            guard before != after else { return [] }
            if let old = document(old), let new = document(new) {
                // Perhaps nothing: the same, spelt in another way.
                return list(old, new, at: path)
            }
            return [.init(path: path, before: before, after: after)]
        default:
            return before == after
                ? [] : [.init(path: path, before: before, after: after)]
        }
    }

    /// The object or array that a text holds.
    private static func document(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let value = try? JSONValue.parse(text)
        else { return nil }
        return value
    }

    /// One line: `~ body.count: 1 -> 2`, `+ body.new: true`, `- body.old: "x"`.
    var line: String {
        let place = path.steps.isEmpty ? "answer" : "\(path)"
        return switch (before, after) {
        case (let before?, let after?): "~ \(place): \(Self.short(before)) -> \(Self.short(after))"
        case (nil, let after?): "+ \(place): \(Self.short(after))"
        case (let before?, nil): "- \(place): \(Self.short(before))"
        case (nil, nil): ""
        }
    }

    var json: JSONValue {
        var object: JSONObject = ["path": .string("\(path)")]
        if let before { object["before"] = before }
        if let after { object["after"] = after }
        return .object(object)
    }

    private static func short(_ value: JSONValue) -> String {
        let text = value.encodedString()
        return text.count <= 200 ? text : text.prefix(200) + "..."
    }
}
