/// One name and value of a query string, both decoded.
public struct QueryItem: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: String) {
        self.init(name: name, value: value)
    }
}

/// Query strings and `application/x-www-form-urlencoded` bodies.
public enum Query {
    /// The items of `raw` in order. A part without `=` has an empty value; empty parts (`a&&b`) are
    /// skipped; a part that cannot be decoded is kept as it was sent, so that nothing is lost.
    public static func parse(_ raw: String, plusIsSpace: Bool = true) -> [QueryItem] {
        raw.utf8.split(separator: 0x26).map { part in
            let equals = part.firstIndex(of: 0x3D)
            let name = String(Substring(part[..<(equals ?? part.endIndex)]))
            let value = equals.map { String(Substring(part[part.index(after: $0)...])) } ?? ""
            return QueryItem(
                name: PercentEncoding.decode(name, plusIsSpace: plusIsSpace) ?? name,
                value: PercentEncoding.decode(value, plusIsSpace: plusIsSpace) ?? value)
        }
    }

    /// `name=value` pairs joined by `&`, percent-encoded (a space is `%20`).
    public static func encode(_ items: [QueryItem]) -> String {
        var text = ""
        for item in items {
            if !text.isEmpty { text += "&" }
            text += PercentEncoding.encode(item.name)
            text += "="
            text += PercentEncoding.encode(item.value)
        }
        return text
    }
}
