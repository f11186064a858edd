/// A place inside an item: an attribute name, then names in maps and indexes in lists.
public struct DocumentPath: Sendable, Hashable, CustomStringConvertible {
    public enum Element: Sendable, Hashable, CustomStringConvertible {
        case name(String)
        case index(Int)

        public var description: String {
            switch self {
            case .name(let name): name
            case .index(let index): "[\(index)]"
            }
        }

        public static func == (a: Element, b: Element) -> Bool {
            switch (a, b) {
            case (.name(let x), .name(let y)): UTF8Order.equal(x, y)
            case (.index(let x), .index(let y)): x == y
            default: false
            }
        }

        public func hash(into hasher: inout Hasher) {
            switch self {
            case .name(let name): for byte in name.utf8 { hasher.combine(byte) }
            case .index(let index): hasher.combine(index)
            }
        }
    }

    /// Names and indexes together (AWS quota "Nesting levels for an attribute").
    static let maximumElements = 32

    /// The attribute of the item.
    public let head: String
    public let tail: [Element]

    public init(head: String, tail: [Element] = []) {
        self.head = head
        self.tail = tail
    }

    /// By bytes: names that only look alike are different attributes.
    public static func == (a: DocumentPath, b: DocumentPath) -> Bool {
        UTF8Order.equal(a.head, b.head) && a.tail == b.tail
    }

    public func hash(into hasher: inout Hasher) {
        for byte in head.utf8 { hasher.combine(byte) }
        hasher.combine(tail)
    }

    public var isNested: Bool { !tail.isEmpty }
    var elements: [Element] { [.name(head)] + tail }

    /// As error texts show it: `[a, b, [3]]`.
    public var description: String {
        "[" + elements.map(\.description).joined(separator: ", ") + "]"
    }

    /// Bytes of all attribute names in it.
    var nameBytes: Int {
        tail.reduce(head.utf8.count) { sum, element in
            if case .name(let name) = element { sum + name.utf8.count } else { sum }
        }
    }

    /// The value there, if there is one.
    public func value(in item: Item) -> AttributeValue? {
        guard var value = item[head] else { return nil }
        for element in tail {
            switch (element, value) {
            case (.name(let name), .m(let map)):
                guard let next = map[name] else { return nil }
                value = next
            case (.index(let index), .l(let list)):
                guard index < list.count else { return nil }
                value = list[index]
            default: return nil
            }
        }
        return value
    }

    /// Two paths of one expression may not reach into each other, nor use one place as both map and list. The
    /// former is reported first, wherever it stands.
    static func check(_ paths: [DocumentPath]) throws(ValidationError) {
        guard paths.count > 1 else { return }
        var conflict: ValidationError?
        for (position, second) in paths.enumerated() {
            for first in paths[..<position] {
                guard let fault = clash(first, second) else { continue }
                let error = ValidationError(
                    "Two document paths \(fault) with each other; must remove or rewrite one of these "
                        + "paths; path one: \(first), path two: \(second)")
                if fault == "overlap" { throw error }
                if conflict == nil { conflict = error }
            }
        }
        if let conflict { throw conflict }
    }

    private static func clash(_ first: DocumentPath, _ second: DocumentPath) -> String? {
        guard UTF8Order.equal(first.head, second.head) else { return nil }
        for (x, y) in zip(first.tail, second.tail) where x != y {
            switch (x, y) {
            case (.name, .index), (.index, .name): return "conflict"
            default: return nil
            }
        }
        return "overlap"
    }
}
