import AWSProtocol
import Expressions
import JSON
import Store

/// CreateTable (Amazon DynamoDB API Reference). The answer says CREATING, as AWS's does; the table is usable
/// by the time it is read.
struct CreateTable: TableOperation {
    struct Plan: Sendable {
        let name: String
        let keys: KeySchema
        let definitions: [KeyAttribute]
        let indexes: [IndexPlan]
        let throughput: Throughput?
        let tableClass: String?
        let isProtected: Bool
    }

    let input: TableInput

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try TableInput(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        input.constrain(&constraints)
        try constraints.check()
        try input.checkTableClass()
        try input.checkSupported()
        let throughput = try input.checkedThroughput()
        let definitions = input.definitions ?? []
        let keys = try input.keys()
        try input.checkUse()
        let indexes = try input.indexPlans(tableKeys: keys, tableThroughput: throughput)
        if environment.catalog.find(input.name ?? "") != nil {
            throw TableErrors.tableExists(input.name ?? "")
        }
        return Plan(
            name: input.name ?? "", keys: keys, definitions: definitions, indexes: indexes,
            throughput: throughput, tableClass: input.tableClass, isProtected: input.isProtected)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let now = environment.clock.now
        let uuid = environment.newUUID()
        let table = try await environment.changeDefinition(plan.name) { transaction in
            guard try transaction.get(.settings, Catalog.key(plan.name)) == nil else {
                throw TableErrors.tableExists(plan.name)
            }
            let ids = Array(try Catalog.takeIDs(1 + plan.indexes.count, in: transaction))
            let table = Catalog.start(
                TableDefinition(
                    name: plan.name, id: ids[0], uuid: uuid, created: now, keys: plan.keys,
                    attributes: plan.definitions,
                    indexes: zip(plan.indexes, ids.dropFirst()).map {
                        $0.index(id: $1, tableKeys: plan.keys)
                    },
                    throughput: plan.throughput, tableClass: plan.tableClass, isProtected: plan.isProtected))
            Catalog.write(table, in: transaction)
            return table
        } landed: {
            environment.catalog.add($0)
        }
        return [
            "TableDescription": table.definition.description(
                status: "CREATING", at: environment.location, TableStatistics())
        ]
    }
}

/// An index that has no id yet.
struct IndexPlan: Sendable {
    let kind: TableIndex.Kind
    let name: String
    let keys: KeySchema
    let projection: ProjectionType
    let nonKeyAttributes: [String]
    let throughput: Throughput?

    func index(id: UInt32, tableKeys: KeySchema) -> TableIndex {
        TableIndex(
            kind: kind, name: name, id: id, keys: keys, tableKeys: tableKeys, projection: projection,
            nonKeyAttributes: nonKeyAttributes, throughput: throughput)
    }
}
