/// Header fields in the order they came, with their names' original case.
///
/// A request has 10 to 20 fields: a scan that compares lengths first and then bytes beats a
/// dictionary and allocates nothing.
public struct HTTPHeaders: Sendable, Equatable, Sequence, ExpressibleByDictionaryLiteral {
    private var fields: [(name: String, value: String)]

    public init() { fields = [] }

    public init(_ fields: [(String, String)]) { self.fields = fields.map { (name: $0, value: $1) } }

    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

    public var count: Int { fields.count }

    /// Bytes of the fields as they stand in a head: each with `: ` and its line's end.
    public var wireBytes: Int {
        var bytes = 0
        for index in fields.indices {
            bytes += fields[index].name.utf8.count + fields[index].value.utf8.count + 4
        }
        return bytes
    }

    /// The fields as an array, which costs nothing.
    public var all: [(name: String, value: String)] { fields }

    public var isEmpty: Bool { fields.isEmpty }

    /// Reading gives the first value of that name; ASCII case does not matter. Writing replaces all
    /// values of that name (in the first one's place), nil removes them.
    public subscript(name: String) -> String? {
        get {
            let length = name.utf8.count
            // Most names differ in length already, and that is seen without a call.
            for index in fields.indices
            where fields[index].name.utf8.count == length && HTTPHeaders.sameName(fields[index].name, name) {
                return fields[index].value
            }
            return nil
        }
        set {
            guard let newValue else { return remove(name) }
            let length = name.utf8.count
            let first = fields.firstIndex {
                $0.name.utf8.count == length && HTTPHeaders.sameName($0.name, name)
            }
            guard let first else { return add(name, newValue) }
            fields[first] = (name: name, value: newValue)
            var index = fields.count - 1
            while index > first {
                if HTTPHeaders.sameName(fields[index].name, name) { fields.remove(at: index) }
                index -= 1
            }
        }
    }

    /// All values of that name, in order.
    public func values(_ name: String) -> [String] {
        fields.compactMap { HTTPHeaders.sameName($0.name, name) ? $0.value : nil }
    }

    public func contains(_ name: String) -> Bool {
        self[name] != nil
    }

    /// Adds a field at the end and keeps those that have the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    public mutating func remove(_ name: String) {
        fields.removeAll { HTTPHeaders.sameName($0.name, name) }
    }

    public mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
        fields.makeIterator()
    }

    public var underestimatedCount: Int { fields.count }

    /// Same fields in the same order; names compare without regard to ASCII case.
    public static func == (a: HTTPHeaders, b: HTTPHeaders) -> Bool {
        a.fields.elementsEqual(b.fields) { sameName($0.name, $1.name) && $0.value == $1.value }
    }

    /// Whether two field names are the same but for ASCII case (RFC 9110, section 5.1).
    public static func sameName(_ a: String, _ b: String) -> Bool {
        let a = a.utf8
        let b = b.utf8
        guard a.count == b.count else { return false }
        let compared = a.withContiguousStorageIfAvailable { a in
            b.withContiguousStorageIfAvailable { b in sameBytes(a, b) }
        }
        if let result = compared, let result { return result }
        return a.elementsEqual(b) { lower($0) == lower($1) }
    }

    private static func sameBytes(
        _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        for index in 0..<a.count where a[index] != b[index] && lower(a[index]) != lower(b[index]) {
            return false
        }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
