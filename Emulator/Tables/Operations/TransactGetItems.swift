import Expressions
import JSON
import Store

/// TransactGetItems (Amazon DynamoDB API Reference): up to 100 items as of one moment.
struct TransactGetItems: TableOperation {
    static let maximumItems = 100
    /// Bytes of all items read together.
    static let maximumBytes = 4 << 20

    struct Get: Sendable {
        let table: Table
        let key: [UInt8]
        let projection: ProjectionExpression?
    }

    struct Plan: Sendable {
        let gets: [Get]
        let level: CapacityLevel
    }

    struct Input: Sendable {
        let tableName: String?
        let key: Result<Item, ValidationError>?
        let expressions: ExpressionParameters
    }

    let inputs: [Input?]?
    let capacity: String?

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        guard let items = try input.structures("TransactItems", "TransactGetItem") else {
            inputs = nil
            return
        }
        var inputs: [Input?] = []
        for item in items {
            guard let get = try item.structure("Get", "Get") else {
                inputs.append(nil)
                continue
            }
            inputs.append(
                Input(
                    tableName: try get.tableName(), key: try get.item("Key"),
                    expressions: try ExpressionParameters(get, ["ProjectionExpression"])))
        }
        self.inputs = inputs
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.notNull(inputs != nil, at: "transactItems")
        if let inputs {
            // AWS echoes the whole list; a bounded text does as well.
            constraints.length(
                inputs.count, shown: inputs.isEmpty ? "[]" : "[...]", at: "transactItems", from: 1,
                to: Self.maximumItems)
            for (index, input) in inputs.enumerated() {
                let path = "transactItems.\(index + 1).member.get"
                constraints.notNull(input != nil, at: path)
                guard let input else { continue }
                constraints.name(input.tableName, at: "\(path).tableName")
                constraints.notNull(input.key != nil, at: "\(path).key")
            }
        }
        try constraints.check()
        var gets: [Get] = []
        var seen: Set<[UInt8]> = []
        var reasons: [CancellationReason] = []
        for input in (inputs ?? []).compactMap({ $0 }) {
            var attributes = try input.expressions.attributes()
            let key = try input.key?.get() ?? [:]
            let projection = try input.expressions.projection(&attributes)
            try attributes.checkAllUsed()
            let table = try environment.catalog.table(input.tableName ?? "")
            let fault = try TransactionFault.of { try table.check(key: key) }
            reasons.append(fault.map(CancellationReason.validation) ?? .none)
            guard fault == nil else { continue }
            try table.check(paths: projection?.paths ?? [])
            let bytes = KeyEncoding.itemKey(table, key)
            guard seen.insert(bytes).inserted else {
                throw TableErrors.validation(
                    "Transaction request cannot include multiple operations on one item")
            }
            gets.append(Get(table: table, key: bytes, projection: projection))
        }
        guard gets.count == reasons.count else { throw TableErrors.transactionCancelled(reasons) }
        return Plan(gets: gets, level: CapacityLevel(capacity))
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        var responses: [JSONValue] = []
        var report = BatchReport()
        var bytes = 0
        try environment.store.read { snapshot in
            for get in plan.gets {
                let item = try ItemWriter.read(snapshot, get.key)
                bytes += item?.itemSize ?? 0
                guard bytes <= maximumBytes else {
                    throw TableErrors.validation("Transaction items exceed the aggregate size limit of 4 MB")
                }
                var response = JSONObject()
                if let item { response.append("Item", (get.projection?.project(item) ?? item).json) }
                responses.append(.object(response))
                var units = Consumption()
                units.table = 2 * Consumption.read(bytes: item?.itemSize ?? 0, isConsistent: true)
                report.add(get.table, [:], units, wantsMetrics: false)
            }
        }
        var object = JSONObject()
        report.append(to: &object, level: plan.level, split: .read)
        object.append("Responses", .array(responses))
        return .object(object)
    }
}
