/// Attributes by name: an item, or the content of an `M` value.
///
/// An array sorted by the UTF-8 bytes of the names. Items are small and are decoded far more often than they
/// are searched, so this beats a hash table, and its stored form is canonical.
public struct AttributeMap: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        public let name: String
        public var value: AttributeValue

        public static func == (a: Entry, b: Entry) -> Bool {
            UTF8Order.equal(a.name, b.name) && a.value == b.value
        }

        public func hash(into hasher: inout Hasher) {
            for byte in name.utf8 { hasher.combine(byte) }
            hasher.combine(value)
        }
    }

    var entries: [Entry]

    public init() { entries = [] }

    /// The last of several pairs with one name wins.
    public init(_ pairs: some Sequence<(name: String, value: AttributeValue)>) {
        entries = pairs.map { Entry(name: $0.name, value: $0.value) }
        let isSorted = zip(entries, entries.dropFirst()).allSatisfy {
            UTF8Order.compare($0.name, $1.name) < 0
        }
        if isSorted { return }
        let unsorted = entries
        if Self.sort(&entries) { return }
        entries = []
        for entry in unsorted { self[entry.name] = entry.value }
    }

    /// Entries that are known to be sorted and distinct.
    init(sorted entries: [Entry]) { self.entries = entries }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    public var names: [String] { entries.map(\.name) }

    public subscript(name: String) -> AttributeValue? {
        get {
            let (index, found) = position(of: name)
            return found ? entries[index].value : nil
        }
        set {
            let (index, found) = position(of: name)
            switch (newValue, found) {
            case (let value?, true): entries[index].value = value
            case (let value?, false): entries.insert(Entry(name: name, value: value), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Changes a value in place, without copying what it holds.
    /// - Returns: nil when there is no such attribute.
    mutating func modify<R, E: Error>(
        _ name: String, _ body: (inout AttributeValue) throws(E) -> R
    ) throws(E) -> R? {
        let (index, found) = position(of: name)
        guard found else { return nil }
        return try body(&entries[index].value)
    }

    private func position(of name: String) -> (index: Int, found: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let order = UTF8Order.compare(entries[middle].name, name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Bytes of an item with these attributes: names and values.
    public var itemSize: Int {
        entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.size }
    }
}

extension AttributeMap: Sequence {
    public func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }
}

extension AttributeMap: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.init(elements.map { (name: $0.0, value: $0.1) })
    }
}

/// A stored item.
public typealias Item = AttributeMap
