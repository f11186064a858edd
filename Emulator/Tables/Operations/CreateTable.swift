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
        let settings: TableSettings
        let tags: [TagInput]
        let policy: String?
        /// `StreamViewType` of a stream that is on from the start.
        let stream: String?
    }

    let input: TableInput

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try TableInput(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        input.constrain(&constraints)
        try constraints.check()
        try TableInput.check(tableClass: input.tableClass)
        try input.checkSupported()
        let throughput = try input.checkedThroughput()
        let definitions = input.definitions ?? []
        let keys = try input.keys()
        try input.checkUse()
        let indexes = try input.indexPlans(tableKeys: keys, tableThroughput: throughput)
        try input.stream?.checkCreation()
        let settings = try input.settings(throughput, environment, at: environment.clock.now)
        if environment.catalog.find(input.name ?? "") != nil {
            throw TableErrors.tableExists(input.name ?? "")
        }
        return Plan(
            name: input.name ?? "", keys: keys, definitions: definitions, indexes: indexes,
            throughput: throughput, tableClass: input.tableClass, isProtected: input.isProtected,
            settings: settings, tags: input.tags, policy: input.policy,
            stream: input.stream?.viewType)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let now = environment.clock.now
        let uuid = environment.newUUID()
        let table = try await environment.changeDefinition(plan.name) { transaction in
            guard try transaction.get(.settings, Catalog.key(plan.name)) == nil else {
                throw TableErrors.tableExists(plan.name)
            }
            let ids = Array(try Catalog.takeIDs(1 + plan.indexes.count, in: transaction))
            var definition = TableDefinition(
                name: plan.name, id: ids[0], uuid: uuid, created: now, keys: plan.keys,
                attributes: plan.definitions,
                indexes: zip(plan.indexes, ids.dropFirst()).map { $0.index(id: $1, tableKeys: plan.keys) },
                throughput: plan.throughput, tableClass: plan.tableClass, isProtected: plan.isProtected,
                settings: plan.settings)
            if let viewType = plan.stream {
                try StreamSwitch.turnOn(&definition, viewType: viewType, in: transaction)
            }
            let table = Catalog.start(definition)
            Catalog.write(table, in: transaction)
            try annotate(table, plan, transaction)
            return table
        } landed: {
            environment.catalog.add($0)
        }
        var description = environment.description(of: table.definition)
        description.status = "CREATING"
        description.isUnfinished = true
        return ["TableDescription": description.json]
    }

    /// What is stored beside the definition.
    private static func annotate(_ table: Table, _ plan: Plan, _ transaction: Transaction) throws {
        if !plan.tags.isEmpty {
            var tags = try TableTags.read(table, transaction)
            try tags.add(plan.tags)
            tags.write(table, in: transaction)
        }
        if let text = plan.policy {
            ResourcePolicy.next(nil, text, at: transaction.now).write(table, stream: nil, in: transaction)
        }
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
    let settings: IndexSettings

    func index(id: UInt32, tableKeys: KeySchema) -> TableIndex {
        var index = TableIndex(
            kind: kind, name: name, id: id, keys: keys, tableKeys: tableKeys, projection: projection,
            nonKeyAttributes: nonKeyAttributes, throughput: throughput)
        index.settings = settings
        return index
    }
}
