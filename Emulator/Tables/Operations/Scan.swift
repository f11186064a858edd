import Expressions
import JSON
import Store

/// Scan (Amazon DynamoDB API Reference): all items, in order of the hashes of their partition keys, or one
/// segment of these hashes.
struct Scan: TextOperation {
    static let maximumSegments = 1_000_000

    let input: PageInput
    let segment: Int?
    let totalSegments: Int?

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try PageInput(
            input, ["ProjectionExpression", "FilterExpression"],
            legacy: [.attributesToGet, .scanFilter, .conditionalOperator])
        segment = try input.integer("Segment")
        totalSegments = try input.integer("TotalSegments")
    }

    func validate(_ environment: TableEnvironment) throws -> PagePlan {
        var constraints = Constraints()
        constraints.range(input.limit, at: "limit", from: 1)
        constraints.range(totalSegments, at: "totalSegments", from: 1, to: Self.maximumSegments)
        constraints.range(segment, at: "segment", from: 0, to: Self.maximumSegments - 1)
        input.constrain(&constraints)
        try constraints.check()
        var attributes = try input.expressions.attributes()
        let legacy = input.expressions.legacy
        let (legacyProjection, legacyFilter) = (try legacy.projection(), try legacy.condition())
        let startKey = try input.startKeyValue()
        try checkSegments()
        let projection = try legacyProjection ?? input.expressions.projection(&attributes)
        let filter =
            try legacyFilter ?? input.expressions.condition(&attributes, parameter: "FilterExpression")
        try attributes.checkAllUsed()
        try input.checkSelect(hasProjection: projection != nil, verb: "Querying")
        let table = try environment.catalog.table(input.tableName ?? "")
        let source = try source(of: table, hasStartKey: startKey != nil)
        try input.checkConsistency(source)
        let total = totalSegments ?? 1
        var (from, to) = KeyEncoding.segment(source.id, segment ?? 0, of: total)
        if let startKey {
            if source.index != nil { try source.check(startKey: startKey) }
            try input.checkSelect(source)
            try source.check(tablePartOf: startKey)
            let position = try source.storedKey(at: startKey)
            let isInside =
                UTF8Order.compare(position, from) >= 0
                && (to.map { UTF8Order.compare(position, $0) < 0 } ?? true)
            guard isInside else {
                throw TableErrors.validation(
                    "\(PageSource.invalidStartKey): Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
                        + "with correct Segment. TotalSegments: \(total) Segment: \(segment ?? 0)")
            }
            from = position + [0]
        }
        try input.check(source, filter: filter, projection)
        return PagePlan(
            source: source, from: from, to: to, isReverse: false, limit: input.limit, filter: filter,
            projection: projection, select: input.select, isConsistent: input.isConsistent,
            level: CapacityLevel(input.capacity))
    }

    /// An unknown index spoils a start key before it is missed itself.
    private func source(of table: Table, hasStartKey: Bool) throws -> PageSource {
        do { return try PageSource(table, indexName: input.indexName) } catch {
            throw hasStartKey ? TableErrors.validation(PageSource.invalidStartKey) : error
        }
    }

    private func checkSegments() throws {
        switch (segment, totalSegments) {
        case (nil, nil): return
        case (nil, _):
            throw TableErrors.validation(
                "The Segment parameter is required but was not present in the request when parameter "
                    + "TotalSegments is present")
        case (_, nil):
            throw TableErrors.validation(
                "The TotalSegments parameter is required but was not present in the request when Segment "
                    + "parameter is present")
        case (let segment?, let total?):
            guard segment < total else {
                throw TableErrors.validation(
                    "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                        + "Segment: \(segment) is not less than TotalSegments: \(total)")
            }
        }
    }

    static func text(_ plan: PagePlan, _ environment: TableEnvironment) async throws -> [UInt8] {
        try await plan.text(environment)
    }
}
