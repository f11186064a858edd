import AWSProtocol
import Expressions
import JSON
import PartiQL
import Store

/// How a SELECT is carried out: as reads of single items, of ranges of partitions, or as a scan.
struct SelectPlan: Sendable {
    enum Read: Sendable {
        case item([UInt8])
        case range(from: [UInt8], to: [UInt8]?)

        var from: [UInt8] {
            switch self {
            case .item(let key): key
            case .range(let from, _): from
            }
        }
    }

    let statement: SelectStatement
    let source: PageSource
    /// In the order in which they are carried out.
    let reads: [Read]
    let isReverse: Bool
    let isConsistent: Bool

    init(_ statement: SelectStatement, _ table: Table, isConsistent: Bool) throws {
        self.statement = statement
        self.isConsistent = isConsistent
        source = try Self.source(statement, table)
        if isConsistent && source.isGlobal {
            throw TableErrors.validation(
                "Strongly consistent read is not supported on Global Secondary Indexes")
        }
        try Self.checkColumns(statement, source)
        let paths = (statement.columns ?? []).map(\.path) + (statement.condition?.paths ?? [])
        try table.check(paths: paths)
        let branches = try KeyBranches(statement.condition?.root, source.keys)
        let order = try SelectOrder(statement, source, branches)
        isReverse = order.isReverse
        guard branches.isKeyed else {
            let all = KeyEncoding.segment(source.id, 0, of: 1)
            reads = [.range(from: all.from, to: all.to)]
            return
        }
        try Self.checkFilters(branches, source)
        var found: [(partition: [AttributeValue], read: Read)] = []
        for branch in branches.branches {
            found.append((source.keys.hash.map { branch.values($0)[0] }, try Self.read(branch, source)))
        }
        try Self.checkOverlap(found.map(\.read))
        reads = order.sorted(found)
    }

    private static func source(_ statement: SelectStatement, _ table: Table) throws -> PageSource {
        if let name = statement.source.index, table.index(name) == nil {
            throw TableErrors.validation("The table does not have the specified index")
        }
        return try PageSource(table, indexName: statement.source.index)
    }

    /// A global index can only answer with what it holds; a local one has the item beside it.
    private static func checkColumns(_ statement: SelectStatement, _ source: PageSource) throws {
        guard source.isGlobal, let index = source.index else { return }
        let missing = (statement.columns ?? []).map(\.path.head).filter { !source.projects($0) }
        guard missing.isEmpty else {
            throw TableErrors.invalidParameter(
                "Global secondary index \(index.name) does not project [\(missing.joined(separator: ", "))]")
        }
    }

    /// A read by the index's key may not filter by what the index does not hold, unless some branch does
    /// without. Of several branches AWS names the one with the greatest partition.
    private static func checkFilters(_ branches: KeyBranches, _ source: PageSource) throws {
        guard let index = source.index, index.projected != nil else { return }
        var refused: (partition: AttributeValue, names: [String])?
        for branch in branches.branches {
            var names: [String] = []
            for filter in branch.filters {
                let paths = ConditionExpression.paths(in: filter).map(\.head)
                for name in paths where !source.projects(name) && !names.contains(name) { names.append(name) }
            }
            guard !names.isEmpty else { return }
            let partition = branch.values(source.keys.hash[0])[0]
            if let known = refused, (known.partition.order(comparedTo: partition) ?? 0) > 0 { continue }
            refused = (partition, names)
        }
        guard let refused else { return }
        throw TableErrors.invalidParameter(
            "Secondary index \(index.name) does not project one or more filter attributes: "
                + "[\(refused.names.joined(separator: ", "))]")
    }

    private static func read(_ branch: KeyBranch, _ source: PageSource) throws -> Read {
        if source.index == nil, let key = KeyBranches.key(branch, source.keys) {
            try source.table.check(key: key)
            return .item(KeyEncoding.itemKey(source.table, key))
        }
        var fixed = source.keys.hash.map {
            KeyCondition(attribute: $0.name, test: .compare(.equal, branch.values($0)[0]))
        }
        // Sort attributes go from the left; behind the first that is not fixed, the filter has to do.
        for attribute in source.keys.range {
            if let value = branch.values(attribute).first {
                fixed.append(KeyCondition(attribute: attribute.name, test: .compare(.equal, value)))
                continue
            }
            let conditions = branch.conditions(attribute)
            var whole = try QueryRange(fixed, source)
            var (from, to) = (whole.from, whole.to)
            for condition in conditions {
                whole = try QueryRange(fixed + [condition], source)
                if UTF8Order.compare(whole.from, from) > 0 { from = whole.from }
                to = Self.least(to, whole.to)
            }
            return .range(from: from, to: to)
        }
        let whole = try QueryRange(fixed, source)
        return .range(from: whole.from, to: whole.to)
    }

    private static func least(_ a: [UInt8]?, _ b: [UInt8]?) -> [UInt8]? {
        guard let a, let b else { return a ?? b }
        return UTF8Order.compare(a, b) <= 0 ? a : b
    }

    /// Two reads may not come across one item.
    private static func checkOverlap(_ reads: [Read]) throws {
        let ranges: [(from: [UInt8], to: [UInt8]?)] = reads.map { read in
            switch read {
            case .item(let key): (key, key + [0])
            case .range(let from, let to): (from, to)
            }
        }.filter { isOpen($0.from, $0.to) }.sorted { UTF8Order.compare($0.from, $1.from) < 0 }
        for (first, second) in zip(ranges, ranges.dropFirst()) where isOpen(second.from, first.to) {
            throw TableErrors.validation(
                "Overlapping conditions with range keys are not supported in where clause")
        }
    }

    static func isOpen(_ from: [UInt8], _ to: [UInt8]?) -> Bool {
        to.map { UTF8Order.compare(from, $0) < 0 } ?? true
    }
}

extension ConditionExpression {
    /// Every path in a part of a condition.
    static func paths(in condition: Condition) -> [DocumentPath] {
        func path(_ operand: Operand) -> [DocumentPath] {
            switch operand {
            case .path(let path): [path]
            case .value: []
            case .size(let inner): path(inner)
            }
        }
        return switch condition {
        case .and(let members), .or(let members): members.flatMap(paths)
        case .not(let inner): paths(in: inner)
        case .comparison(_, let a, let b), .beginsWith(let a, let b), .contains(let a, let b):
            path(a) + path(b)
        case .between(let a, let b, let c): path(a) + path(b) + path(c)
        case .membership(let a, let list): path(a) + list.flatMap(path)
        case .attributeExists(let path), .attributeNotExists(let path): [path]
        case .attributeType(let operand, _): path(operand)
        }
    }
}

/// What ORDER BY asks for. Its rules and texts were observed at AWS in September 2026: without a term of its
/// own the partition key ascends, and the sort key then descends.
struct SelectOrder {
    let isReverse: Bool
    private let isOrdered: Bool
    private let isPartitionDescending: Bool

    init(_ statement: SelectStatement, _ source: PageSource, _ branches: KeyBranches) throws {
        isOrdered = !statement.order.isEmpty
        guard isOrdered else {
            (isReverse, isPartitionDescending) = (false, false)
            return
        }
        guard statement.condition != nil else {
            throw TableErrors.validation(
                "Must have WHERE clause in the statement when using ORDER BY clause.")
        }
        for term in statement.order where !source.keys.contains(term.attribute) {
            throw TableErrors.validation(
                "Attribute \(term.attribute) in ORDER BY clause must be part of the primary key")
        }
        guard branches.isKeyed else {
            throw TableErrors.validation(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY "
                    + "clause.")
        }
        func direction(_ attributes: [KeyAttribute]) -> Bool? {
            statement.order.first { term in
                attributes.contains { UTF8Order.equal($0.name, term.attribute) }
            }?.isDescending
        }
        let partition = direction(source.keys.hash)
        let partitions = Set(
            branches.branches.map { branch in source.keys.hash.flatMap { branch.values($0) } })
        guard partition != nil || partitions.count == 1 else {
            throw TableErrors.validation(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in "
                    + "WHERE clause.")
        }
        isPartitionDescending = partition ?? false
        isReverse = direction(source.keys.range) ?? true
    }

    func sorted(_ reads: [(partition: [AttributeValue], read: SelectPlan.Read)]) -> [SelectPlan.Read] {
        guard isOrdered else { return reads.map(\.read) }
        return reads.sorted { a, b in
            for (x, y) in zip(a.partition, b.partition) {
                let order = x.order(comparedTo: y) ?? 0
                if order != 0 { return (order < 0) != isPartitionDescending }
            }
            return (UTF8Order.compare(a.read.from, b.read.from) < 0) != isReverse
        }.map(\.read)
    }
}
