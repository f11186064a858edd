extension UpdateExpression {
    static let missingAttribute = ValidationError(
        "The provided expression refers to an attribute that does not exist in the item")
    static let invalidPath = ValidationError(
        "The document path provided in the update expression is invalid for update")
    static let wrongOperand = ValidationError(
        "An operand in the update expression has an incorrect data type")

    /// The item after the update. Everything is read from the old item: the order of actions does not matter.
    /// - Throws: `ValidationError` with the bare text AWS uses at run time.
    public func apply(to old: Item) throws(ValidationError) -> Item {
        var new = old
        if actions.count == 1 {
            let change = try actions[0].change(old, mismatch)
            try change.apply(to: &new)
            return new
        }
        var changes: [Change] = []
        for action in actions { changes.append(try action.change(old, mismatch)) }
        // Values go in by ascending index, so that several beyond the end of a list keep their order; then
        // elements come out from the highest, because their indexes are those of the old list.
        for change in changes.filter({ $0.value != nil }).sorted(by: { $0.precedes($1) }) {
            try change.apply(to: &new)
        }
        for change in changes.filter({ $0.value == nil }).sorted(by: { $1.precedes($0) }) {
            try change.apply(to: &new)
        }
        return new
    }
}

/// One place and its new value; nil removes.
private struct Change {
    let path: DocumentPath
    let value: AttributeValue?

    func precedes(_ other: Change) -> Bool {
        for (x, y) in zip(path.elements, other.path.elements) {
            switch (x, y) {
            case (.index(let a), .index(let b)) where a != b: return a < b
            case (.name(let a), .name(let b)):
                let order = UTF8Order.compare(a, b)
                if order != 0 { return order < 0 }
            default: continue
            }
        }
        return false
    }

    func apply(to item: inout Item) throws(ValidationError) {
        guard !path.tail.isEmpty else {
            item[path.head] = value
            return
        }
        let done = try item.modify(path.head) { root throws(ValidationError) in
            try replace(in: &root, path.tail[...])
            return true
        }
        if done == nil { throw UpdateExpression.invalidPath }
    }

    private func replace(
        in container: inout AttributeValue, _ rest: ArraySlice<DocumentPath.Element>
    ) throws(ValidationError) {
        guard let element = rest.first else { return }
        let next = rest.dropFirst()
        switch (container, element) {
        case (.m(var map), .name(let name)):
            container = .null
            if next.isEmpty {
                map[name] = value
            } else {
                let done = try map.modify(name) { inner throws(ValidationError) in
                    try replace(in: &inner, next)
                    return true
                }
                if done == nil { throw UpdateExpression.invalidPath }
            }
            container = .m(map)
        case (.l(var list), .index(let index)):
            container = .null
            if !next.isEmpty {
                guard index < list.count else { throw UpdateExpression.invalidPath }
                try replace(in: &list[index], next)
            } else if let value {
                if index < list.count { list[index] = value } else { list.append(value) }
            } else if index < list.count {
                list.remove(at: index)
            }
            container = .l(list)
        default: throw UpdateExpression.invalidPath
        }
    }
}

extension UpdateExpression.Action {
    fileprivate func change(_ old: Item, _ mismatch: ValidationError) throws(ValidationError) -> Change {
        switch self {
        case .set(let path, let value): return Change(path: path, value: try value.evaluate(old))
        case .remove(let path): return Change(path: path, value: nil)
        case .add(let path, let value):
            return Change(path: path, value: try Self.adding(value, to: path.value(in: old), mismatch))
        case .delete(let path, let value):
            return Change(path: path, value: try Self.deleting(value, from: path.value(in: old), mismatch))
        }
    }

    private static func adding(
        _ value: AttributeValue, to old: AttributeValue?, _ mismatch: ValidationError
    ) throws(ValidationError) -> AttributeValue {
        guard let old else { return value }
        switch (old, value) {
        case (.n(let x), .n(let y)): return .n(try x.adding(y))
        case (.ss(let x), .ss(let y)): return .strings(x + y)
        case (.ns(let x), .ns(let y)): return .numbers(x + y)
        case (.bs(let x), .bs(let y)): return .binaries(x + y)
        // Only AttributeUpdates get here: expressions take no lists.
        case (.l(let x), .l(let y)): return .l(x + y)
        default: throw mismatch
        }
    }

    /// Nil when nothing is left: an empty set cannot be stored.
    private static func deleting(
        _ value: AttributeValue, from old: AttributeValue?, _ mismatch: ValidationError
    ) throws(ValidationError) -> AttributeValue? {
        guard let old else { return nil }
        switch (old, value) {
        case (.ss(let x), .ss(let y)):
            let rest = x.filter { member in !y.contains { UTF8Order.equal($0, member) } }
            return rest.isEmpty ? nil : .ss(rest)
        case (.ns(let x), .ns(let y)):
            let rest = x.filter { !y.contains($0) }
            return rest.isEmpty ? nil : .ns(rest)
        case (.bs(let x), .bs(let y)):
            let rest = x.filter { !y.contains($0) }
            return rest.isEmpty ? nil : .bs(rest)
        default: throw mismatch
        }
    }
}

extension UpdateExpression.SetValue {
    fileprivate func evaluate(_ old: Item) throws(ValidationError) -> AttributeValue {
        switch self {
        case .operand(let operand): return try operand.evaluate(old)
        case .sum(let left, let right):
            return .n(try Self.number(left, old).adding(Self.number(right, old)))
        case .difference(let left, let right):
            return .n(try Self.number(left, old).subtracting(Self.number(right, old)))
        }
    }

    private static func number(
        _ operand: UpdateOperand, _ old: Item
    ) throws(ValidationError) -> DecimalNumber {
        guard case .n(let number) = try operand.evaluate(old) else { throw UpdateExpression.wrongOperand }
        return number
    }
}

extension UpdateOperand {
    fileprivate func evaluate(_ old: Item) throws(ValidationError) -> AttributeValue {
        switch self {
        case .value(let value): return value
        case .path(let path):
            guard let value = path.value(in: old) else { throw UpdateExpression.missingAttribute }
            return value
        case .ifNotExists(let path, let fallback):
            if let value = path.value(in: old) { return value }
            return try fallback.evaluate(old)
        case .listAppend(let first, let second):
            let (a, b) = (try first.evaluate(old), try second.evaluate(old))
            guard case .l(let x) = a, case .l(let y) = b else { throw UpdateExpression.wrongOperand }
            return .l(x + y)
        }
    }
}
