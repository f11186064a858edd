import Expressions
import JSON
import Store

/// Query (Amazon DynamoDB API Reference): items of one partition, in order of the sort key.
struct Query: TextOperation {
    let input: PageInput
    let isForward: Bool

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try PageInput(
            input, ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"],
            legacy: [.attributesToGet, .queryFilter, .conditionalOperator, .keyConditions])
        isForward = try input.bool("ScanIndexForward") ?? true
    }

    func validate(_ environment: TableEnvironment) throws -> PagePlan {
        var constraints = Constraints()
        input.constrain(&constraints)
        try constraints.check()
        if let limit = input.limit, limit < 1 {
            throw TableErrors.validation(
                "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member "
                    + "must have value greater than or equal to 1")
        }
        var attributes = try input.expressions.attributes()
        let legacy = input.expressions.legacy
        let (legacyFilter, legacyProjection) = (try legacy.condition(), try legacy.projection())
        let startKey = try input.startKeyValue()
        guard legacy.hasKeyConditions || input.expressions.text("KeyConditionExpression") != nil else {
            throw TableErrors.validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
                    + "request."
            )
        }
        let projection = try legacyProjection ?? input.expressions.projection(&attributes)
        let filter =
            try legacyFilter ?? input.expressions.condition(&attributes, parameter: "FilterExpression")
        let keyConditions =
            try legacy.keyTests() ?? input.expressions.keyCondition(&attributes)?.conditions ?? []
        try attributes.checkAllUsed()
        try input.checkSelect(hasProjection: projection != nil, verb: "Querying")
        let table = try environment.catalog.table(input.tableName ?? "")
        let source = try PageSource(table, indexName: input.indexName)
        try input.checkConsistency(source)
        if let startKey { try source.check(startKey: startKey) }
        let range = try QueryRange(keyConditions, source)
        if let startKey {
            try source.check(tablePartOf: startKey)
            try range.check(startKey: startKey)
        }
        for path in filter?.paths ?? [] where source.keys.contains(path.head) {
            throw TableErrors.validation(
                "\(legacy.hasFilter ? "QueryFilter" : "Filter Expression") can only contain non-primary key "
                    + "attributes: "
                    + "Primary key attribute: \(path.head)")
        }
        try input.check(filter: filter, in: source)
        try input.check(source, filter: filter, projection)
        var (from, to) = (range.from, range.to)
        if let startKey {
            (from, to) = try source.range((from, to), after: startKey, isReverse: !isForward)
        }
        return PagePlan(
            source: source, from: from, to: to, isReverse: !isForward, limit: input.limit, filter: filter,
            projection: projection, select: input.select, isConsistent: input.isConsistent,
            level: CapacityLevel(input.capacity))
    }

    static func text(_ plan: PagePlan, _ environment: TableEnvironment) async throws -> [UInt8] {
        try await plan.text(environment)
    }
}

/// The stored keys a key condition selects.
struct QueryRange {
    let from: [UInt8]
    let to: [UInt8]?
    private let hash: [KeyCondition]
    private let range: [KeyCondition]

    /// - Throws: when the conditions do not fit the key of the table or index.
    init(_ conditions: [KeyCondition], _ source: PageSource) throws {
        let keys = source.keys
        func condition(_ attribute: KeyAttribute) -> KeyCondition? {
            conditions.first { UTF8Order.equal($0.attribute, attribute.name) }
        }
        let limit = keys.hash.count > 1 || keys.range.count > 1 ? keys.all.count : 2
        guard conditions.count <= limit else {
            throw TableErrors.validation("Conditions can be of length 1 or 2 only")
        }
        guard conditions.count <= keys.all.count else { throw Self.unsupported }
        hash = try keys.hash.map { attribute in
            guard let found = condition(attribute) else { throw Self.missed(attribute) }
            try Self.checkType(found, attribute)
            guard case .compare(.equal, _) = found.test else { throw Self.unsupported }
            return found
        }
        var range: [KeyCondition] = []
        var isOpen = true
        for attribute in keys.range {
            guard let found = condition(attribute) else {
                isOpen = false
                continue
            }
            // Conditions on sort attributes go from the left, and only the last may be a range.
            guard isOpen else { throw Self.unsupported }
            try Self.checkType(found, attribute)
            if case .compare(.equal, _) = found.test {} else { isOpen = false }
            range.append(found)
        }
        self.range = range
        guard hash.count + range.count == conditions.count else {
            if let missing = keys.range.first(where: { condition($0) == nil }) { throw Self.missed(missing) }
            throw Self.unsupported
        }
        try Self.checkValues(hash, range)
        let base = KeyEncoding.partition(source.id, hash.flatMap(\.test.values))
        (from, to) = Self.bounds(base, range)
    }

    private static func missed(_ attribute: KeyAttribute) -> any Error {
        TableErrors.validation("Query condition missed key schema element: \(attribute.name)")
    }
    private static var unsupported: any Error {
        TableErrors.validation("Query key condition not supported")
    }

    private static func checkType(_ condition: KeyCondition, _ attribute: KeyAttribute) throws {
        if case .notIndexable = condition.test {
            throw TableErrors.validation("Attempted conditional constraint is not an indexable operation")
        }
        guard condition.test.values.allSatisfy({ $0.type == attribute.type }) else {
            throw TableErrors.invalidParameter("Condition parameter type does not match schema type")
        }
    }

    private static func checkValues(_ hash: [KeyCondition], _ range: [KeyCondition]) throws {
        for condition in hash + range {
            guard case .compare(.equal, let value) = condition.test, value.size == 0 else { continue }
            throw TableErrors.validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                    + "contain an empty \(value.type == .b ? "binary" : "string") value. Key: "
                    + "\(condition.attribute)")
        }
        if hash.flatMap(\.test.values).reduce(0, { $0 + $1.size }) > Table.maximumHashBytes {
            throw TableErrors.invalidParameter(
                "Size of hashkey has exceeded the maximum size limit of\(Table.maximumHashBytes) bytes")
        }
        if range.flatMap(\.test.values).contains(where: { $0.size > Table.maximumRangeBytes }) {
            throw TableErrors.invalidParameter(
                "Aggregated size of all range keys has exceeded the size limit of "
                    + "\(Table.maximumRangeBytes) bytes")
        }
    }

    private static func bounds(_ base: [UInt8], _ range: [KeyCondition]) -> (from: [UInt8], to: [UInt8]?) {
        var prefix = base
        for condition in range {
            func key(_ value: AttributeValue) -> [UInt8] {
                var bytes = prefix
                KeyEncoding.append(value, to: &bytes)
                return bytes
            }
            let end = KeyEncoding.successor(ofPrefix: prefix)
            switch condition.test {
            case .compare(.equal, let value): prefix = key(value)
            case .compare(.less, let value): return (prefix, key(value))
            case .compare(.lessOrEqual, let value):
                return (prefix, KeyEncoding.successor(ofPrefix: key(value)))
            case .compare(.greater, let value):
                return (KeyEncoding.successor(ofPrefix: key(value)) ?? prefix, end)
            case .compare(_, let value): return (key(value), end)
            case .between(let low, let high):
                return (key(low), KeyEncoding.successor(ofPrefix: key(high)))
            case .beginsWith(let value):
                var bytes = prefix
                KeyEncoding.appendPrefix(value, to: &bytes)
                return (bytes, KeyEncoding.successor(ofPrefix: bytes))
            case .notIndexable: return (prefix, prefix)
            }
        }
        return (prefix, KeyEncoding.successor(ofPrefix: prefix))
    }

    /// A start key must be a place this query could have stopped at.
    func check(startKey: Item) throws {
        func matches(_ conditions: [KeyCondition]) -> Bool {
            conditions.allSatisfy { condition in
                startKey[condition.attribute].map(condition.matches) ?? false
            }
        }
        guard matches(range) else {
            throw TableErrors.validation("The provided starting key does not match the range key predicate")
        }
        guard matches(hash) else {
            throw TableErrors.validation(
                range.isEmpty
                    ? "The provided starting key is outside query boundaries based on provided conditions"
                    : "The query can return at most one row and cannot be restarted")
        }
    }
}
