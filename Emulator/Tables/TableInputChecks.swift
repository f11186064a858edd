import AWSProtocol
import Clock
import Expressions

/// CreateTable's own checks, in AWS's order: each reports alone, after the service model's constraints.
extension TableInput {
    func checkSupported() throws {
        guard let first = unsupported.first else { return }
        throw TableErrors.validation("The parameter \(first) is not supported by this emulator yet")
    }

    static func check(tableClass: String?) throws {
        let classes = ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]
        guard let tableClass, !classes.contains(tableClass) else { return }
        throw TableErrors.validation(
            "Invalid table-class parameter provided. Please try again with a valid table-class value: "
                + "[\(classes.joined(separator: ", "))].")
    }

    func checkedThroughput() throws -> Throughput? {
        if billingMode == "PAY_PER_REQUEST" {
            guard throughput == nil else {
                throw TableErrors.invalidParameter(
                    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                        + "PAY_PER_REQUEST")
            }
            return nil
        }
        guard let throughput else {
            throw TableErrors.invalidParameter(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
                    + "PROVISIONED"
            )
        }
        try Self.checkBounds(throughput)
        return throughput.value
    }

    static func checkBounds(_ throughput: ThroughputInput) throws {
        for (value, name) in [
            (throughput.read, "ReadCapacityUnits"), (throughput.write, "WriteCapacityUnits"),
        ] {
            guard let value, value > Throughput.maximumUnits else { continue }
            throw TableErrors.validation("Given value \(value) for \(name) is out of bounds")
        }
    }

    var definitions: [KeyAttribute]? {
        rawDefinitions?.map {
            KeyAttribute(name: $0.name ?? "", type: AttributeType(rawValue: $0.type ?? "") ?? .s)
        }
    }

    func keys() throws -> KeySchema {
        let names = (keySchema ?? []).map { $0.name ?? "" }
        let defined = (definitions ?? []).map(\.name)
        for (index, name) in defined.enumerated()
        where defined[..<index].contains(where: { UTF8Order.equal($0, name) }) {
            throw TableErrors.validation("Attribute Name is duplicated: \(name)")
        }
        if names.count > defined.count {
            throw TableErrors.validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        return try Self.keys(keySchema ?? [], definitions ?? [], multiple: false)
    }

    static func keys(
        _ schema: [KeyElement], _ defined: [KeyAttribute], multiple: Bool
    ) throws -> KeySchema {
        let attributes = try attributes(of: schema, defined)
        try checkShape(schema, attributes.map(\.name), multiple: multiple)
        let hashCount = schema.prefix { $0.type == "HASH" }.count
        return KeySchema(hash: Array(attributes[..<hashCount]), range: Array(attributes[hashCount...]))
    }

    /// - Throws: when one has no definition.
    private static func attributes(
        of schema: [KeyElement], _ defined: [KeyAttribute]
    ) throws -> [KeyAttribute] {
        let names = schema.map { $0.name ?? "" }
        return try names.map { name in
            guard let found = defined.first(where: { UTF8Order.equal($0.name, name) }) else {
                throw TableErrors.invalidParameter(
                    "Some index key attributes are not defined in AttributeDefinitions. "
                        + "Keys: [\(names.joined(separator: ", "))], AttributeDefinitions: "
                        + "[\(defined.map(\.name).joined(separator: ", "))]")
            }
            return found
        }
    }

    /// Names and kinds of a key's elements, and their order.
    private static func checkShape(_ schema: [KeyElement], _ names: [String], multiple: Bool) throws {
        for (index, name) in names.enumerated()
        where names[..<index].contains(where: { UTF8Order.equal($0, name) }) {
            let isPair = schema.count == 2 && schema[0].type != schema[1].type
            throw TableErrors.validation(
                isPair || !multiple
                    ? "Both the Hash Key and the Range Key element in the KeySchema have the same name"
                    : "The KeySchema contains multiple key attributes with the same name")
        }
        guard schema.first?.type == "HASH" else {
            throw TableErrors.validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
        let rest = schema.drop { $0.type == "HASH" }
        guard multiple else {
            guard schema.count - rest.count == 1 else {
                throw TableErrors.validation(
                    "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
            }
            return
        }
        guard rest.allSatisfy({ $0.type == "RANGE" }) else {
            throw TableErrors.invalidParameter(
                "All HASH key attributes must precede RANGE key attributes in the KeySchema")
        }
        for (count, kind) in [(schema.count - rest.count, "HASH"), (rest.count, "RANGE")]
        where count > KeySchema.maximumOfKind {
            throw TableErrors.invalidParameter(
                "The KeySchema exceeds the maximum allowed number of \(kind) key attributes")
        }
    }

    func indexPlans(tableKeys: KeySchema, tableThroughput: Throughput?) throws -> [IndexPlan] {
        var plans: [IndexPlan] = []
        for (list, kind, limit) in [
            (locals, "LocalSecondaryIndexes", 5), (globals, "GlobalSecondaryIndexes", 20),
        ] {
            guard let list else { continue }
            if kind == "LocalSecondaryIndexes", tableKeys.range.isEmpty {
                throw TableErrors.invalidParameter(
                    "Table KeySchema does not have a range key, which is required when specifying a "
                        + "LocalSecondaryIndex")
            }
            for input in list { plans.append(try plan(input, plans, tableKeys, tableThroughput)) }
            guard list.count <= limit else {
                throw TableErrors.invalidParameter(
                    kind == "LocalSecondaryIndexes"
                        ? "Number of LocalSecondaryIndexes exceeds per-table limit of 5"
                        : "GlobalSecondaryIndex count exceeds the per-table limit of 20")
            }
        }
        let projected = plans.reduce(0) { $0 + $1.nonKeyAttributes.count }
        guard projected <= TableIndex.maximumProjected else {
            throw TableErrors.invalidParameter(
                "Number of NonKeyAttributes of all indexes, \(projected), exceeds per-table limit of "
                    + "\(TableIndex.maximumProjected)")
        }
        return plans
    }

    private func plan(
        _ input: IndexInput, _ before: [IndexPlan], _ tableKeys: KeySchema, _ tableThroughput: Throughput?
    ) throws -> IndexPlan {
        let name = input.name ?? ""
        let keys = try Self.keys(
            input.keySchema ?? [], definitions ?? [], multiple: input.kind == .global)
        if input.kind == .local { try checkLocal(keys, name, tableKeys) }
        let projection = try Self.projection(input)
        if tableThroughput == nil, input.throughput != nil {
            throw TableErrors.invalidParameter(
                "ProvisionedThroughput should not be specified for index: \(name) when BillingMode is "
                    + "PAY_PER_REQUEST")
        }
        if tableThroughput != nil, input.kind == .global, input.throughput == nil {
            throw TableErrors.invalidParameter("ProvisionedThroughput is not specified for index: \(name)")
        }
        if let throughput = input.throughput { try Self.checkBounds(throughput) }
        if before.contains(where: { $0.name == name }) {
            throw TableErrors.invalidParameter("Duplicate index name: \(name)")
        }
        return IndexPlan(
            kind: input.kind, name: name, keys: keys, projection: projection,
            nonKeyAttributes: input.nonKeyAttributes ?? [], throughput: input.throughput?.value,
            settings: try input.settings(throughput: input.throughput?.value))
    }

    static func projection(_ input: IndexInput) throws -> ProjectionType {
        guard let projection = input.projectionType.flatMap(ProjectionType.init(rawValue:)) else {
            throw TableErrors.invalidParameter("Unknown ProjectionType: null")
        }
        if projection != .include, input.nonKeyAttributes != nil {
            throw TableErrors.invalidParameter(
                "ProjectionType is \(projection.rawValue), but NonKeyAttributes is specified")
        }
        if projection == .include, input.nonKeyAttributes == nil {
            throw TableErrors.invalidParameter(
                "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
        }
        for (index, attribute) in (input.nonKeyAttributes ?? []).enumerated()
        where (input.nonKeyAttributes ?? [])[..<index].contains(where: { UTF8Order.equal($0, attribute) }) {
            throw TableErrors.invalidParameter("Duplicate element in NonKeyAttributes: \(attribute)")
        }
        return projection
    }

    private func checkLocal(_ keys: KeySchema, _ name: String, _ tableKeys: KeySchema) throws {
        guard !keys.range.isEmpty else {
            throw TableErrors.invalidParameter("Index KeySchema does not have a range key for index: \(name)")
        }
        guard keys.hash == tableKeys.hash else {
            throw TableErrors.invalidParameter(
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
                    + "\(name). index hash key: \(keys.hash[0].name), table hash key: "
                    + "\(tableKeys.hash[0].name)")
        }
    }

    /// What is set beside keys and throughput; checked once those are known to be good.
    func settings(_ throughput: Throughput?, _ environment: TableEnvironment, at now: Timestamp) throws
        -> TableSettings
    {
        var settings = TableSettings()
        if throughput == nil { settings.payPerRequestSince = now }
        if let onDemand {
            try onDemand.checkMode(isOnDemand: throughput == nil, .table)
            try onDemand.checkRange(.table, canClear: false)
            settings.onDemand = onDemand.applied(to: nil)
        }
        if let warm, !warm.isEmpty {
            try warm.checkStart(.table, throughput)
            settings.warm = warm.applied(to: throughput ?? .onDemandStart)
        }
        try encryption?.check()
        settings.encryption = encryption?.encryption(environment)
        if let policy { try ResourcePolicy.check(policy) }
        try TagInput.check(tags)
        return settings
    }

    /// Every key must have its definition, and every definition must belong to a key. This hides all other
    /// faults of indexes.
    func checkUse() throws {
        for (list, kind) in [(locals, "LocalSecondaryIndexes"), (globals, "GlobalSecondaryIndexes")] {
            guard let list else { continue }
            guard !list.isEmpty else { throw TableErrors.invalidParameter("List of \(kind) is empty") }
            for index in list { _ = try Self.attributes(of: index.keySchema ?? [], definitions ?? []) }
        }
        let defined = (definitions ?? []).map(\.name)
        let schemas = [keySchema] + ((locals ?? []) + (globals ?? [])).map(\.keySchema)
        let used = Set(schemas.flatMap { ($0 ?? []).compactMap(\.name) })
        if locals == nil, globals == nil, defined.count != keySchema?.count {
            throw TableErrors.invalidParameter(
                "Number of attributes in KeySchema does not exactly match number of attributes defined in "
                    + "AttributeDefinitions")
        }
        guard defined.allSatisfy(used.contains) else {
            throw TableErrors.invalidParameter(
                "Some AttributeDefinitions are not used. "
                    + "AttributeDefinitions: [\(defined.joined(separator: ", "))], keys used: "
                    + "[\(used.sorted().joined(separator: ", "))]")
        }
    }
}

extension TableInput.IndexInput {
    /// - Parameter throughput: nil when the table is billed per request.
    func settings(throughput: Throughput?) throws -> IndexSettings {
        let owner = ThroughputOwner.index(name ?? "")
        var settings = IndexSettings()
        guard kind == .global else { return settings }
        if let onDemand {
            try onDemand.checkMode(isOnDemand: throughput == nil, owner)
            try onDemand.checkRange(owner, canClear: false)
            settings.onDemand = onDemand.applied(to: nil)
        }
        if let warm, !warm.isEmpty {
            try warm.checkStart(owner, throughput)
            settings.warm = warm.applied(to: throughput ?? .onDemandStart)
        }
        return settings
    }
}
