extension Condition {
    /// Whether an item meets the condition. An absent attribute equals nothing, so `<>` holds for it and
    /// every other comparison fails.
    public func evaluate(_ item: Item) -> Bool {
        switch self {
        case .and(let members): return members.allSatisfy { $0.evaluate(item) }
        case .or(let members): return members.contains { $0.evaluate(item) }
        case .not(let inner): return !inner.evaluate(item)
        case .attributeExists(let path): return path.value(in: item) != nil
        case .attributeNotExists(let path): return path.value(in: item) == nil
        case .attributeType(let operand, let type): return operand.value(in: item)?.type == type
        case .comparison(let comparator, let left, let right):
            return Self.compare(comparator, left.value(in: item), right.value(in: item))
        case .between(let operand, let low, let high):
            guard let value = operand.value(in: item) else { return false }
            return Self.compare(.greaterOrEqual, value, low.value(in: item))
                && Self.compare(.lessOrEqual, value, high.value(in: item))
        case .membership(let operand, let list):
            guard let value = operand.value(in: item) else { return false }
            return list.contains { $0.value(in: item) == value }
        case .beginsWith(let left, let right):
            return Self.begins(left.value(in: item), with: right.value(in: item))
        case .contains(let left, let right):
            return Self.contains(left.value(in: item), right.value(in: item))
        }
    }

    static func compare(_ comparator: Comparator, _ a: AttributeValue?, _ b: AttributeValue?) -> Bool {
        guard let a, let b else { return comparator == .notEqual }
        if comparator == .equal { return a == b }
        if comparator == .notEqual { return a != b }
        guard let order = a.order(comparedTo: b) else { return false }
        switch comparator {
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    static func begins(_ value: AttributeValue?, with prefix: AttributeValue?) -> Bool {
        switch (value, prefix) {
        case (.s(let text), .s(let start)): text.utf8.starts(with: start.utf8)
        case (.b(let bytes), .b(let start)): bytes.starts(with: start)
        default: false
        }
    }

    private static func contains(_ container: AttributeValue?, _ member: AttributeValue?) -> Bool {
        guard let container, let member else { return false }
        switch (container, member) {
        case (.s(let text), .s(let part)): return subsequence(Array(part.utf8), in: Array(text.utf8))
        case (.b(let bytes), .b(let part)): return subsequence(part, in: bytes)
        case (.ss(let members), .s(let text)): return members.contains { UTF8Order.equal($0, text) }
        case (.ns(let members), .n(let number)): return members.contains(number)
        case (.bs(let members), .b(let bytes)): return members.contains(bytes)
        case (.l(let members), _): return members.contains(member)
        default: return false
        }
    }

    private static func subsequence(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        guard part.count <= whole.count else { return false }
        guard let first = part.first else { return true }
        for start in 0...(whole.count - part.count) where whole[start] == first {
            if whole[start..<start + part.count].elementsEqual(part) { return true }
        }
        return false
    }
}

extension Operand {
    func value(in item: Item) -> AttributeValue? {
        switch self {
        case .path(let path): return path.value(in: item)
        case .value(let value): return value
        case .size(let operand):
            guard let size = operand.value(in: item)?.lengthForSize else { return nil }
            return .n(DecimalNumber(size))
        }
    }
}

extension AttributeValue {
    /// What `size()` answers; nil for types that have none.
    fileprivate var lengthForSize: Int? {
        switch self {
        // The documents say "length of the string"; AWS's own code is Java, whose length is in UTF-16 units.
        case .s(let text): text.utf16.count
        case .b(let bytes): bytes.count
        case .ss(let members): members.count
        case .ns(let members): members.count
        case .bs(let members): members.count
        case .l(let members): members.count
        case .m(let map): map.count
        case .n, .bool, .null: nil
        }
    }
}
