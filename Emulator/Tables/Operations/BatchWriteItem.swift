import Expressions
import JSON
import Store

/// BatchWriteItem (Amazon DynamoDB API Reference): up to 25 puts and deletes. The request is checked as a
/// whole before anything is written.
struct BatchWriteItem: TableOperation {
    static let maximumWrites = 25

    /// One put, or one delete when there is no item.
    struct Write: Sendable {
        let table: Table
        let key: [UInt8]
        let keyAttributes: Item
        let item: Item?
    }

    struct Plan: Sendable {
        let writes: [Write]
        let level: CapacityLevel
        let wantsMetrics: Bool
    }

    struct Input: Sendable {
        let item: Result<Item, ValidationError>?
        let key: Result<Item, ValidationError>?
        /// Whether there is a PutRequest, and a DeleteRequest.
        let puts: Bool
        let deletes: Bool
    }

    let requests: [(name: String, writes: [Input])]?
    let capacity: String?
    let metrics: String?
    /// As it came, for texts that echo it.
    private let original: JSONValue?

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        metrics = try input.string("ReturnItemCollectionMetrics")
        guard let value = input["RequestItems"] else {
            requests = nil
            original = nil
            return
        }
        let element = "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>"
        var requests: [(name: String, writes: [Input])] = []
        for (name, list) in try JSONShape.map(value, element: element) {
            var writes: [Input] = []
            try JSONShape.checkNested(list)
            for write in try JSONShape.list(list) {
                let reader = InputReader(try JSONShape.structure(write, "WriteRequest"))
                let put = try reader.structure("PutRequest", "PutRequest")
                let delete = try reader.structure("DeleteRequest", "DeleteRequest")
                writes.append(
                    Input(
                        item: try put?.item("Item"), key: try delete?.item("Key"),
                        puts: put != nil, deletes: delete != nil))
            }
            requests.append((name, writes))
        }
        self.requests = requests
        original = value
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.member(metrics, of: Constraints.metricsLevels, at: "returnItemCollectionMetrics")
        constraints.notNull(requests != nil, at: "requestItems")
        constrain(requests ?? [], &constraints)
        try constraints.check()
        guard let requests, !requests.isEmpty else {
            throw TableErrors.validation("The requestItems parameter is required for BatchWriteItem")
        }
        try checkCounts(requests)
        for (_, writes) in requests { for write in writes { try checkValues(write) } }
        return Plan(
            writes: try locate(requests, environment), level: CapacityLevel(capacity),
            wantsMetrics: metrics == "SIZE")
    }

    /// What the service model says about the map: its keys, and what each request must hold.
    private func constrain(_ requests: [(name: String, writes: [Input])], _ constraints: inout Constraints) {
        if requests.contains(where: { !Constraints.isTableName($0.name) }) {
            constraints.fail(
                original?.encodedString() ?? "", at: "requestItems", map: "keys", Constraints.tableNameRules)
        }
        if requests.contains(where: { !(1...Self.maximumWrites).contains($0.writes.count) }) {
            constraints.fail(
                original?.encodedString() ?? "", at: "requestItems", map: "value",
                [
                    "have length less than or equal to \(Self.maximumWrites)",
                    "have length greater than or equal to 1",
                ])
        }
        for (name, writes) in requests {
            for (index, write) in writes.enumerated() {
                let path = "requestItems.\(name).member.\(index + 1).member"
                constraints.notNull(write.key != nil || !write.deletes, at: "\(path).deleteRequest.key")
                constraints.notNull(write.item != nil || !write.puts, at: "\(path).putRequest.item")
            }
        }
    }

    /// Checks the keys against the tables; one table may not have a key twice.
    private func locate(
        _ requests: [(name: String, writes: [Input])], _ environment: TableEnvironment
    ) throws -> [Write] {
        var writes: [Write] = []
        var seen: Set<[UInt8]> = []
        for (name, inputs) in requests {
            let table = try environment.catalog.table(InputReader.tableName(name))
            for input in inputs {
                let write = try self.write(input, table)
                guard seen.insert(write.key).inserted else {
                    throw TableErrors.validation("Provided list of item keys contains duplicates")
                }
                writes.append(write)
            }
        }
        return writes
    }

    private func checkCounts(_ requests: [(name: String, writes: [Input])]) throws {
        let total = requests.reduce(0) { $0 + $1.writes.count }
        guard total <= Self.maximumWrites else {
            throw TableErrors.validation("Too many items requested for the BatchWriteItem call")
        }
    }

    private func checkValues(_ write: Input) throws {
        // AWS has one text for none and for both.
        guard write.puts != write.deletes else {
            throw TableErrors.validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                    + "supported datatypes")
        }
        _ = try write.key?.get()
        if let item = try write.item?.get() { try Table.checkSize(item) }
    }

    private func write(_ input: Input, _ table: Table) throws -> Write {
        if let item = try input.item?.get() {
            for attribute in table.keys.all where item[attribute.name]?.type != attribute.type {
                throw TableErrors.keyMismatch
            }
            try table.check(item: item)
            return Write(
                table: table, key: KeyEncoding.itemKey(table, item), keyAttributes: table.key(of: item),
                item: item)
        }
        let key = try input.key?.get() ?? [:]
        try table.check(key: key)
        return Write(table: table, key: KeyEncoding.itemKey(table, key), keyAttributes: key, item: nil)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            var report = BatchReport()
            for write in plan.writes {
                let table = try write.table.newest(in: transaction)
                let old = try ItemWriter.read(transaction, write.key)
                let units = try ItemWriter.replace(
                    old, with: write.item, key: write.key, in: table, transaction)
                report.add(table, write.keyAttributes, units, wantsMetrics: plan.wantsMetrics)
            }
            var object = JSONObject()
            object.append("UnprocessedItems", [:])
            report.append(to: &object, level: plan.level, split: nil)
            return .object(object)
        }
    }
}

/// Capacity and collection metrics of several writes, table by table in the order of their first use.
struct BatchReport {
    private var order: [String] = []
    private var consumption: [String: Consumption] = [:]
    private var metrics: [String: [JSONValue]] = [:]

    mutating func add(_ table: Table, _ key: Item, _ units: Consumption, wantsMetrics: Bool) {
        if consumption[table.name] == nil { order.append(table.name) }
        consumption[table.name] = (consumption[table.name] ?? Consumption()) + units
        if let entry = ItemWriter.collectionMetrics(table, key: key, wanted: wantsMetrics) {
            let known = metrics[table.name] ?? []
            if !known.contains(entry) { metrics[table.name] = known + [entry] }
        }
    }

    func append(to object: inout JSONObject, level: CapacityLevel, split: Consumption.Direction?) {
        let capacities = order.compactMap { consumption[$0]?.json(table: $0, level: level, split: split) }
        if !capacities.isEmpty { object.append("ConsumedCapacity", .array(capacities)) }
        guard !metrics.isEmpty else { return }
        var map = JSONObject()
        for name in order { if let list = metrics[name] { map.append(name, .array(list)) } }
        object.append("ItemCollectionMetrics", .object(map))
    }
}
