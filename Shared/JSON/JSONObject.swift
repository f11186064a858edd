/// The members of a JSON object in their order. Two objects are equal when they have the same
/// members, in whatever order.
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    /// Positions by key, kept only for large objects: below the limit a scan is faster and saves
    /// the allocation, above it a scan would let a hostile document cost quadratic time.
    private var positions: [String: Int]?
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
            positions?[key] = members.count - 1
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
        if let positions { return positions[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func indexMembers() {
        var positions: [String: Int] = [:]
        positions.reserveCapacity(members.count * 2)
        for (position, member) in members.enumerated() { positions[member.key] = position }
        self.positions = positions
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
