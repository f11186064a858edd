import JSON

/// An event pattern (Amazon EventBridge User Guide, "Creating event patterns"): which events are meant, as an object
/// whose leaves are lists of what a field may be. Pure.
public struct EventPattern: Sendable, Equatable {
    /// Why a text is no pattern.
    public struct Invalid: Error, Equatable {
        public let reason: String
    }

    indirect enum Node: Sendable, Equatable {
        /// All fields have to match.
        case fields([Field])
        /// At least one alternative has to match.
        case any([Node])
        case all([Node])
    }

    struct Field: Sendable, Equatable {
        let name: String
        let test: Test
    }

    indirect enum Test: Sendable, Equatable {
        case object(Node)
        case values([ValueRule])
    }

    /// Levels that a pattern may be nested.
    private static let maximumDepth = 100

    let root: Node

    public init(_ text: String) throws(Invalid) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(Array(text.utf8), limits: JSONLimits(maxDepth: Self.maximumDepth))
        } catch {
            throw Invalid(reason: "not JSON: \(error.reason)")
        }
        guard let object = value.object else { throw Invalid(reason: "not an object") }
        root = try Self.node(object)
    }

    /// Whether an event is meant.
    public func matches(_ event: JSONValue) -> Bool { Self.matches(root, event) }

    // MARK: - Reading

    private static func node(_ object: JSONObject) throws(Invalid) -> Node {
        guard !object.isEmpty else { throw Invalid(reason: "an empty object") }
        var fields: [Field] = []
        var alternatives: [Node] = []
        for (name, value) in object {
            if name == "$or", let list = alternativesOf(value) {
                for one in list { alternatives.append(try node(one)) }
                continue
            }
            switch value {
            case .object(let object): fields.append(Field(name: name, test: .object(try node(object))))
            case .array(let list):
                guard !list.isEmpty else { throw Invalid(reason: "an empty list at '\(name)'") }
                var rules: [ValueRule] = []
                for one in list { rules.append(try ValueRule(one)) }
                fields.append(Field(name: name, test: .values(rules)))
            default: throw Invalid(reason: "'\(name)' has to be an object or a list")
            }
        }
        if alternatives.isEmpty { return .fields(fields) }
        return fields.isEmpty ? .any(alternatives) : .all([.fields(fields), .any(alternatives)])
    }

    /// `$or` is a field like any other unless it holds at least two objects that are patterns themselves.
    private static func alternativesOf(_ value: JSONValue) -> [JSONObject]? {
        guard let list = value.array, list.count >= 2 else { return nil }
        let objects = list.compactMap(\.object)
        let reserved: Set<String> = [
            "prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr",
        ]
        guard objects.count == list.count,
            !objects.contains(where: { $0.keys.contains(where: reserved.contains) })
        else { return nil }
        return objects
    }

    // MARK: - Matching

    private static func matches(_ node: Node, _ value: JSONValue?) -> Bool {
        // Of a list of objects one has to fit as a whole.
        if case .array(let elements)? = value {
            return elements.contains { $0.object != nil && matches(node, $0) }
        }
        switch node {
        case .any(let nodes): return nodes.contains { matches($0, value) }
        case .all(let nodes): return nodes.allSatisfy { matches($0, value) }
        case .fields(let fields):
            return fields.allSatisfy { field in
                let member = value?[field.name]
                switch field.test {
                case .object(let inner): return matches(inner, member)
                case .values(let rules): return rules.contains { $0.matches(field: member) }
                }
            }
        }
    }
}
