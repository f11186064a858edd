import AWSProtocol

/// What an element of a configuration document may hold.
indirect enum ElementShape: Sendable {
    /// Any text.
    case text
    /// One of these words.
    case word(Set<String>)
    case integer
    /// `true` or `false`.
    case flag
    /// These children and no other; S3 writes them back in this order.
    case children([ChildShape])
    /// The same, of one of the kinds that `xsi:type` names.
    case typed(Set<String>, [ChildShape])

    static let status = ElementShape.word(["Enabled", "Disabled"])

    fileprivate var isText: Bool {
        if case .text = self { return true }
        return false
    }
}

/// One child that an element may hold, and how often.
struct ChildShape: Sendable {
    var name: String
    var shape: ElementShape
    var count: ClosedRange<Int>

    static func required(_ name: String, _ shape: ElementShape) -> ChildShape {
        ChildShape(name: name, shape: shape, count: 1...1)
    }

    static func optional(_ name: String, _ shape: ElementShape) -> ChildShape {
        ChildShape(name: name, shape: shape, count: 0...1)
    }

    /// Several in a row.
    static func list(_ name: String, _ shape: ElementShape, _ count: ClosedRange<Int>) -> ChildShape {
        ChildShape(name: name, shape: shape, count: count)
    }
}

/// The published form of one configuration document (Amazon S3 API Reference): what does not fit is malformed,
/// whatever S3 would say about its meaning.
struct DocumentShape: Sendable {
    /// The name of the root element.
    var root: String
    var children: [ChildShape]

    init(_ root: String, _ children: [ChildShape]) {
        self.root = root
        self.children = children
    }

    /// The document as a tree that fits: children in the order of the shape, no text between them, words and
    /// numbers without the white space around them.
    /// - Throws: MalformedXML.
    func read(_ document: [UInt8]) throws(AWSError) -> XMLElement {
        guard let tree = try? XMLReader.parse(document), tree.name == root else { throw .malformedXML }
        return try Self.normalised(tree, .children(children))
    }

    private static func normalised(
        _ element: XMLElement, _ shape: ElementShape
    ) throws(AWSError) -> XMLElement {
        switch shape {
        case .children(let children):
            return XMLElement(name: element.name, children: try normalised(element.children, children))
        case .typed(let types, let children):
            guard let type = element.attributes["type"], types.contains(type) else { throw .malformedXML }
            return XMLElement(
                name: element.name, children: try normalised(element.children, children),
                attributes: ["type": type])
        case .text, .word, .integer, .flag: break
        }
        guard element.children.isEmpty else { throw .malformedXML }
        let text = shape.isText ? element.text : element.text.trimmed
        let fits: Bool =
            switch shape {
            case .word(let words): words.contains(text)
            case .integer: Int32(text) != nil
            case .flag: ["true", "false"].contains(text.lowercased())
            case .text, .children, .typed: true
            }
        guard fits else { throw .malformedXML }
        if case .flag = shape { return XMLElement(name: element.name, text: text.lowercased()) }
        return XMLElement(name: element.name, text: text)
    }

    private static func normalised(
        _ elements: [XMLElement], _ shapes: [ChildShape]
    ) throws(AWSError) -> [XMLElement] {
        var normal: [XMLElement] = []
        normal.reserveCapacity(elements.count)
        for child in shapes {
            let found = elements.filter { $0.name == child.name }
            guard child.count.contains(found.count) else { throw .malformedXML }
            for element in found { normal.append(try normalised(element, child.shape)) }
        }
        guard normal.count == elements.count else { throw .malformedXML }
        return normal
    }
}

extension XMLElement {
    /// The element under a path of names, each the first of its name.
    func descendant(_ names: String...) -> XMLElement? {
        var element = self
        for name in names {
            guard let child = element.child(name) else { return nil }
            element = child
        }
        return element
    }
}

extension XMLWriter {
    /// Writes a tree that fits a shape.
    public mutating func write(_ element: XMLElement, namespace: String? = nil) {
        guard !element.children.isEmpty else {
            return text(element.name, element.text, namespace: namespace)
        }
        let instances = "http://www.w3.org/2001/XMLSchema-instance"
        let type = element.attributes["type"].map { [("xmlns:xsi", instances), ("xsi:type", $0)] }
        self.element(element.name, namespace: namespace, attributes: type ?? []) { xml in
            for child in element.children { xml.write(child) }
        }
    }
}

extension String {
    /// Without the white space of XML at both ends.
    fileprivate var trimmed: String {
        let isSpace = { (character: Character) in character.isWhitespace }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
