import AWSProtocol
import Expressions
import JSON
import Store

/// What Query and Scan read: a table or one of its indexes.
struct PageSource: Sendable {
    let table: Table
    let index: TableIndex?

    /// - Throws: when there is no such index.
    init(_ table: Table, indexName: String?) throws {
        self.table = table
        guard let indexName else {
            index = nil
            return
        }
        guard let found = table.index(indexName) else {
            throw TableErrors.validation("The table does not have the specified index: \(indexName)")
        }
        guard !found.isBackfilling else {
            throw TableErrors.validation(
                "Cannot read from backfilling global secondary index: \(indexName)")
        }
        index = found
    }

    var keys: KeySchema { index?.keys ?? table.keys }
    var id: UInt32 { index?.id ?? table.id }
    var keyspace: Keyspace { index == nil ? .items : .indexEntries }
    var isGlobal: Bool { index?.kind == .global }

    /// The attributes of a start key: the table's key and the index's.
    var positionAttributes: [KeyAttribute] {
        var result = table.keys.all
        for attribute in index?.keys.all ?? [] where !table.keys.contains(attribute.name) {
            result.append(attribute)
        }
        return result
    }

    func position(of item: Item) -> Item {
        var key = Item()
        for attribute in positionAttributes { key[attribute.name] = item[attribute.name] }
        return key
    }

    /// The stored key that a (checked) start key stands for; there need not be anything under it.
    /// - Throws: when nothing can be there: the key would not be in the index.
    func storedKey(at position: Item) throws -> [UInt8] {
        let itemKey = KeyEncoding.itemKey(table, position)
        guard let index else { return itemKey }
        guard let key = KeyEncoding.entryKey(index, position, itemKey: itemKey) else {
            throw TableErrors.validation(Self.invalidStartKey)
        }
        return key
    }

    /// A range of stored keys without what comes before (in reading order) and at the start key. Never more
    /// than the range, whatever the start key is.
    func range(
        _ range: (from: [UInt8], to: [UInt8]?), after position: Item, isReverse: Bool
    ) throws -> (from: [UInt8], to: [UInt8]?) {
        let key = try storedKey(at: position)
        if isReverse {
            let isInside = range.to.map { key.lexicographicallyPrecedes($0) } ?? true
            return (range.from, isInside ? key : range.to)
        }
        let next = key + [0]
        return (range.from.lexicographicallyPrecedes(next) ? next : range.from, range.to)
    }

    /// Whether names stand in the index; in a table all do.
    func projects(_ name: String) -> Bool {
        guard let projected = index?.projected else { return true }
        return projected.contains { UTF8Order.equal($0, name) }
    }

    static let invalidStartKey = "The provided starting key is invalid"

    /// The part of a start key that belongs to what is read.
    func check(startKey: Item) throws {
        guard startKey.count == positionAttributes.count,
            keys.all.allSatisfy({ startKey[$0.name] != nil })
        else { throw TableErrors.validation(Self.invalidStartKey) }
        for attribute in keys.all {
            guard let value = startKey[attribute.name], value.type == attribute.type else {
                throw TableErrors.keyMismatch
            }
            guard value.size > 0 else {
                throw TableErrors.validation(
                    "\(Self.invalidStartKey): One or more parameter values are not valid. The AttributeValue "
                        + "for a key attribute cannot contain an empty "
                        + "\(value.type == .b ? "binary" : "string") value. Key: \(attribute.name)")
            }
        }
    }

    /// The part of a start key that names the item in the table.
    func check(tablePartOf startKey: Item) throws {
        do {
            guard startKey.count == positionAttributes.count else { throw TableErrors.keyMismatch }
            try table.check(key: table.key(of: startKey))
        } catch {
            throw TableErrors.validation(
                "\(Self.invalidStartKey): \(TableErrors.from(error).message ?? "")")
        }
    }
}

/// Parameters that Query and Scan share.
struct PageInput: Sendable {
    let tableName: String?
    let indexName: String?
    let select: String?
    let limit: Int?
    let isConsistent: Bool
    let capacity: String?
    let startKey: Result<Item, ValidationError>?
    let expressions: ExpressionParameters

    init(
        _ input: InputReader, _ parameters: [String], legacy: [LegacyParameters.Parameter]
    ) throws(ValidationError) {
        tableName = try input.tableName()
        indexName = try input.string("IndexName")
        select = try input.string("Select")
        limit = try input.integer("Limit")
        isConsistent = try input.bool("ConsistentRead") ?? false
        capacity = try input.string("ReturnConsumedCapacity")
        startKey = try input.item("ExclusiveStartKey")
        expressions = try ExpressionParameters(input, parameters, legacy: legacy)
    }

    static let selects = ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"]

    func constrain(_ constraints: inout Constraints) {
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.name(tableName, at: "tableName")
        constraints.name(indexName, at: "indexName", required: false)
        constraints.member(select, of: Self.selects, at: "select")
        expressions.legacy.constrain(&constraints)
    }

    func startKeyValue() throws -> Item? {
        switch startKey {
        case .success(let key)?: return key
        case .failure(let error)?:
            throw TableErrors.validation("The provided starting key is invalid: \(error.message)")
        case nil: return nil
        }
    }

    /// `Select` against the other parameters.
    func checkSelect(hasProjection: Bool, verb: String) throws {
        let parameter =
            expressions.text("ProjectionExpression") == nil ? "AttributesToGet" : "ProjectionExpression"
        switch select {
        case "SPECIFIC_ATTRIBUTES" where !hasProjection:
            throw TableErrors.validation(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    + "SPECIFIC_ATTRIBUTES")
        case "ALL_ATTRIBUTES" where hasProjection, "ALL_PROJECTED_ATTRIBUTES" where hasProjection,
            "COUNT" where hasProjection:
            throw TableErrors.validation(
                "Cannot specify the \(parameter) when choosing to get "
                    + (select == "COUNT" ? "only the Count" : select ?? ""))
        case "ALL_PROJECTED_ATTRIBUTES" where indexName == nil:
            throw TableErrors.validation(
                "ALL_PROJECTED_ATTRIBUTES can be used only when \(verb) using an IndexName")
        default: break
        }
    }

    func checkConsistency(_ source: PageSource) throws {
        guard isConsistent, source.isGlobal else { return }
        throw TableErrors.validation("Consistent reads are not supported on global secondary indexes")
    }

    /// A global index never fetches from the table.
    func checkSelect(_ source: PageSource) throws {
        guard select == "ALL_ATTRIBUTES", source.isGlobal, let index = source.index, index.projection != .all
        else { return }
        throw TableErrors.invalidParameter(
            "Select type ALL_ATTRIBUTES is not supported for global secondary index \(index.name) "
                + "because its projection type is not ALL")
    }

    /// A query's filter may only name what the index holds; a scan's finds nothing else there.
    func check(filter: ConditionExpression?, in source: PageSource) throws {
        let missing = Set((filter?.paths ?? []).map(\.head).filter { !source.projects($0) })
        guard !missing.isEmpty, let index = source.index else { return }
        throw TableErrors.invalidParameter(
            "Secondary index \(index.name) does not project one or more filter attributes: "
                + "[\(missing.sorted().joined(separator: ", "))]")
    }

    /// What an index can answer.
    func check(_ source: PageSource, filter: ConditionExpression?, _ projection: ProjectionExpression?) throws
    {
        try checkSelect(source)
        if source.isGlobal, let index = source.index {
            let missing = (projection?.paths ?? []).map(\.head).filter { !source.projects($0) }
            guard missing.isEmpty else {
                throw TableErrors.invalidParameter(
                    "Global secondary index \(index.name) does not project "
                        + "[\(missing.joined(separator: ", "))]")
            }
        }
        try source.table.check(paths: (projection?.paths ?? []) + (filter?.paths ?? []))
    }
}

/// One page to read: a range of stored keys, and what to do with what is found there.
struct PagePlan: Sendable {
    /// Bytes of evaluated data after which a page ends (Amazon DynamoDB quota).
    static let maximumBytes = 1 << 20

    let source: PageSource
    let from: [UInt8]
    let to: [UInt8]?
    let isReverse: Bool
    let limit: Int?
    let filter: ConditionExpression?
    let projection: ProjectionExpression?
    let select: String?
    let isConsistent: Bool
    let level: CapacityLevel
    /// What becomes of each item that is returned, where it is not the projection's work.
    var shape: (@Sendable (Item) -> Item)?

    /// A local index is asked for attributes that it does not hold: each item is fetched from the table. A
    /// filter alone fetches nothing.
    private var fetches: Bool {
        guard let index = source.index, index.kind == .local, index.projected != nil else { return false }
        if select == "ALL_ATTRIBUTES" { return true }
        return (projection?.paths ?? []).contains { !source.projects($0.head) }
    }

    /// - Parameter limit: bytes of items beyond which the caller wants no page, so that it ends there.
    func page(_ snapshot: Snapshot, within limit: Int = .max) throws -> Page {
        var page = Page(plan: self, fetches: fetches)
        try snapshot.scan(source.keyspace, from: from, to: to, reverse: isReverse) { _, value in
            let goesOn = try page.take(value, from: snapshot)
            return goesOn && page.bytes <= limit
        }
        return page
    }
}

/// A page as it grows.
struct Page {
    let plan: PagePlan
    let fetches: Bool
    var items: [JSONValue] = []
    var count = 0
    var scanned = 0
    var bytes = 0
    var fetchUnits = 0.0
    var lastKey: Item?

    init(plan: PagePlan, fetches: Bool) {
        self.plan = plan
        self.fetches = fetches
    }

    /// - Returns: whether the page has room for more.
    mutating func take(_ value: [UInt8], from snapshot: Snapshot) throws -> Bool {
        let item: Item
        var view: Item
        if let index = plan.source.index {
            guard let stored = try ItemWriter.read(snapshot, value) else {
                throw StoreError.corrupt("an index entry of \(index.name) refers to no item")
            }
            item = stored
            view = index.view(of: stored)
        } else {
            item = try Item(decoding: value)
            view = item
        }
        bytes += view.itemSize
        if fetches {
            fetchUnits += Consumption.read(bytes: item.itemSize, isConsistent: plan.isConsistent)
            view = item
        }
        scanned += 1
        if plan.filter?.evaluate(view) ?? true {
            count += 1
            if plan.select != "COUNT" { items.append(shaped(view).json) }
        }
        guard scanned == plan.limit || bytes >= PagePlan.maximumBytes else { return true }
        lastKey = plan.source.position(of: item)
        return false
    }

    private func shaped(_ view: Item) -> Item {
        plan.shape?(view) ?? plan.projection?.project(view) ?? view
    }

    var consumption: Consumption {
        var consumption = Consumption(table: fetchUnits)
        let units = Consumption.read(bytes: bytes, isConsistent: plan.isConsistent)
        if let index = plan.source.index {
            consumption.add(units, to: index)
        } else {
            consumption.table += units
        }
        return consumption
    }

    var json: JSONValue {
        var object = JSONObject()
        if plan.select != "COUNT" { object.append("Items", .array(items)) }
        object.append("Count", .number(JSONNumber(count)))
        object.append("ScannedCount", .number(JSONNumber(scanned)))
        if let lastKey { object.append("LastEvaluatedKey", lastKey.json) }
        if let capacity = consumption.json(table: plan.source.table.name, level: plan.level) {
            object.append("ConsumedCapacity", capacity)
        }
        return .object(object)
    }
}
