/// One element of a parsed document. Namespaces are read over: no request of S3 that is served here gives
/// them a meaning.
public struct XMLElement: Sendable, Equatable {
    /// Without the namespace prefix.
    public var name: String
    /// The character data directly inside, all pieces joined.
    public var text: String
    public var children: [XMLElement]
    /// By their names without the namespace prefix. References in values are left as they are written.
    public var attributes: [String: String]

    public init(
        name: String, text: String = "", children: [XMLElement] = [], attributes: [String: String] = [:]
    ) {
        self.name = name
        self.text = text
        self.children = children
        self.attributes = attributes
    }

    public func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first child of that name.
    public subscript(_ name: String) -> String? { child(name)?.text }
}
