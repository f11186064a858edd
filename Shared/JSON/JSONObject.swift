#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The members of a JSON object in their order. Two objects are equal when they have the same
/// members, in whatever order. Names are the same when their UTF-8 bytes are: Swift's own `==`
/// would make one name of two that only look alike.
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    /// Positions by key, kept only for large objects: below the limit a scan is faster and saves
    /// the allocation, above it a scan would let a hostile document cost quadratic time.
    private var positions: [Name: Int]?
    private static let scanLimit = 16

    public init() {}

    /// A later member replaces an earlier one of the same name.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.members.reserveCapacity(members.underestimatedCount)
        for (key, value) in members { self[key] = value }
    }

    public var count: Int { members.count }

    public var isEmpty: Bool { members.isEmpty }

    public var keys: [String] { members.map(\.key) }

    /// The member's value. Writing keeps a present member's place and adds a new one at the end;
    /// nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            guard let newValue else { return removeValue(forKey: key) }
            if let position = position(of: key) {
                members[position].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    /// Adds a member at the end without looking for one of the same name: the caller knows that
    /// there is none.
    public mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key: key, value: value))
        if positions != nil {
            positions?[Name(text: key)] = members.count - 1
        } else if members.count > JSONObject.scanLimit {
            indexMembers()
        }
    }

    public mutating func removeValue(forKey key: String) {
        guard let position = position(of: key) else { return }
        members.remove(at: position)
        positions = nil
        if members.count > JSONObject.scanLimit { indexMembers() }
    }

    public mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    private func position(of key: String) -> Int? {
        if let positions { return positions[Name(text: key)] }
        let length = key.utf8.count
        // Most names differ in length already, and that is seen without a call.
        for index in members.indices
        where members[index].key.utf8.count == length && Name.same(members[index].key, key) {
            return index
        }
        return nil
    }

    private mutating func indexMembers() {
        var positions: [Name: Int] = [:]
        positions.reserveCapacity(members.count * 2)
        for (position, member) in members.enumerated() { positions[Name(text: member.key)] = position }
        self.positions = positions
    }
}

/// A name that equals another byte by byte.
struct Name: Hashable {
    let text: String

    static func same(_ a: String, _ b: String) -> Bool {
        let fast = a.utf8.withContiguousStorageIfAvailable { left in
            b.utf8.withContiguousStorageIfAvailable { right in
                guard left.count == right.count, let leftStart = left.baseAddress,
                    let rightStart = right.baseAddress
                else { return left.count == right.count }
                return memcmp(leftStart, rightStart, left.count) == 0
            }
        }
        return (fast ?? nil) ?? a.utf8.elementsEqual(b.utf8)
    }

    static func == (a: Name, b: Name) -> Bool { same(a.text, b.text) }

    func hash(into hasher: inout Hasher) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if done == nil { hasher.combine(Array(text.utf8)) }
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> {
        members.makeIterator()
    }

    public var underestimatedCount: Int { members.count }
}

extension JSONObject: Hashable {
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        guard a.count == b.count else { return false }
        return a.members.allSatisfy { b[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        var sum = 0  // the same in any order
        for member in members {
            var one = Hasher()
            one.combine(member.key)
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
