import Expressions

/// One read that a WHERE clause comes down to: conditions on key attributes, and the rest.
struct KeyBranch: Sendable {
    var keys: [KeyCondition] = []
    var filters: [Condition] = []

    static func + (a: KeyBranch, b: KeyBranch) -> KeyBranch {
        KeyBranch(keys: joined(a.keys, b.keys), filters: joined(a.filters, b.filters))
    }

    /// Without copying where one of the two is empty: filters are many, and shared by all branches.
    private static func joined<T>(_ a: [T], _ b: [T]) -> [T] {
        b.isEmpty ? a : a.isEmpty ? b : a + b
    }

    /// The values that an attribute must equal, each once.
    func values(_ attribute: KeyAttribute) -> [AttributeValue] {
        var values: [AttributeValue] = []
        for condition in conditions(attribute) {
            if case .compare(.equal, let value) = condition.test, !values.contains(value) {
                values.append(value)
            }
        }
        return values
    }

    func conditions(_ attribute: KeyAttribute) -> [KeyCondition] {
        keys.filter { UTF8Order.equal($0.attribute, attribute.name) }
    }
}

/// The reads of a WHERE clause. An OR or IN that names a key attribute splits the clause, so each branch reads
/// one partition and one range of sort keys at most. The rules were observed at AWS in September 2026.
struct KeyBranches: Sendable {
    /// Reads of one statement (observed).
    static let maximum = 50
    /// Branches that are looked at; a clause with more is read by a scan, or refused where it names partitions.
    private static let maximumSplit = 1024

    let keys: KeySchema
    let branches: [KeyBranch]

    /// - Throws: when values of key attributes have wrong types, or there are too many reads.
    init(_ condition: Condition?, _ keys: KeySchema) throws {
        self.keys = keys
        guard let condition else {
            branches = [KeyBranch()]
            return
        }
        let splitter = KeySplitter(keys: keys, limit: Self.maximumSplit)
        if let split = splitter.split(condition) {
            branches = split
        } else {
            branches = [KeyBranch(filters: [condition])]
            if splitter.namesPartition(condition) { throw Self.tooMany }
        }
        try checkTypes()
        if isKeyed, branches.count > Self.maximum { throw Self.tooMany }
    }

    private static var tooMany: any Error {
        TableErrors.validation("Too many decomposed read operations for a given query.")
    }

    /// Whether every branch reads one partition.
    var isKeyed: Bool {
        branches.allSatisfy { branch in keys.hash.allSatisfy { branch.values($0).count == 1 } }
    }

    private func checkTypes() throws {
        for branch in branches {
            for condition in branch.keys {
                let attribute = keys.all.first { UTF8Order.equal($0.name, condition.attribute) }
                for value in condition.test.values {
                    guard value.type.isScalarKey else {
                        throw TableErrors.validation(
                            "Key value must be of type S, N, or B. Key name: \(condition.attribute), "
                                + "Key type: \(value.typeName)")
                    }
                    guard value.type == attribute?.type else {
                        throw TableErrors.validation(
                            "Key attribute's data type should match its data type in table's schema: "
                                + "Key \(condition.attribute)")
                    }
                }
            }
        }
    }

    /// The key of the one item that is read by nothing but its key; nil when more is asked.
    var singleKey: Item? {
        guard branches.count == 1, let branch = branches.first, branch.filters.isEmpty else { return nil }
        return Self.key(branch, keys)
    }

    /// The key, when each of its attributes must equal one value and meets no other condition.
    static func key(_ branch: KeyBranch, _ keys: KeySchema) -> Item? {
        var key = Item()
        for attribute in keys.all {
            let values = branch.values(attribute)
            let isPlain = branch.conditions(attribute).allSatisfy {
                if case .compare(.equal, _) = $0.test { true } else { false }
            }
            guard values.count == 1, isPlain else { return nil }
            key[attribute.name] = values[0]
        }
        return key
    }
}

/// Takes a condition apart into branches.
private struct KeySplitter {
    let keys: KeySchema
    let limit: Int

    /// Nil when there are too many branches.
    func split(_ condition: Condition) -> [KeyBranch]? {
        switch condition {
        case .and(let members):
            // What does not branch belongs to every branch, and is gathered once.
            var common = KeyBranch()
            var result = [KeyBranch()]
            for member in members {
                guard let more = split(member), result.count * more.count <= limit else { return nil }
                if more.count == 1 {
                    common.keys += more[0].keys
                    common.filters += more[0].filters
                } else {
                    result = result.flatMap { left in more.map { left + $0 } }
                }
            }
            return result.map { common + $0 }
        case .or(let members) where members.contains(where: namesKey):
            var result: [KeyBranch] = []
            for member in members {
                guard let more = split(member), result.count + more.count <= limit else { return nil }
                result += more
            }
            return result
        default:
            let choices = self.choices(condition)
            return choices.isEmpty
                ? [KeyBranch(filters: [condition])] : choices.map { KeyBranch(keys: [$0]) }
        }
    }

    private func namesKey(_ condition: Condition) -> Bool {
        switch condition {
        case .and(let members), .or(let members): members.contains(where: namesKey)
        default: !choices(condition).isEmpty
        }
    }

    func namesPartition(_ condition: Condition) -> Bool {
        guard case .and(let members) = condition else {
            return choices(condition).contains { choice in
                keys.hash.contains { UTF8Order.equal($0.name, choice.attribute) }
            }
        }
        return members.contains(where: namesPartition)
    }

    /// The key conditions one of which must hold; empty when it is no condition on a key.
    private func choices(_ condition: Condition) -> [KeyCondition] {
        switch condition {
        case .comparison(let comparator, .path(let path), .value(let value)):
            return one(path, .compare(comparator, value))
        case .comparison(let comparator, .value(let value), .path(let path)):
            return one(path, .compare(comparator.swapped, value))
        case .between(.path(let path), .value(let low), .value(let high)):
            return one(path, .between(low, high))
        case .beginsWith(.path(let path), .value(let prefix)): return one(path, .beginsWith(prefix))
        case .membership(.path(let path), let list):
            var choices: [KeyCondition] = []
            for operand in list {
                guard case .value(let value) = operand else { return [] }
                choices += one(path, .compare(.equal, value))
            }
            return choices.count == list.count ? choices : []
        default: return []
        }
    }

    private func one(_ path: DocumentPath, _ test: KeyCondition.Test) -> [KeyCondition] {
        guard !path.isNested, keys.contains(path.head) else { return [] }
        let isPartition = keys.hash.contains { UTF8Order.equal($0.name, path.head) }
        switch test {
        case .compare(.equal, _): break
        case .compare(.notEqual, _): return []
        default: if isPartition { return [] }
        }
        return [KeyCondition(attribute: path.head, test: test)]
    }
}
