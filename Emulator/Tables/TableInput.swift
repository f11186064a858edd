import AWSProtocol
import Expressions
import JSON

/// The input of CreateTable as it came, and its checks.
struct TableInput: Sendable {
    struct KeyElement: Sendable {
        let name: String?
        let type: String?
    }

    struct Definition: Sendable {
        let name: String?
        let type: String?
    }

    struct ThroughputInput: Sendable {
        let read: Int?
        let write: Int?

        init?(_ input: InputReader) throws(ValidationError) {
            guard let reader = try input.structure("ProvisionedThroughput", "ProvisionedThroughput") else {
                return nil
            }
            read = try reader.integer("ReadCapacityUnits", type: "Long")
            write = try reader.integer("WriteCapacityUnits", type: "Long")
        }

        func constrain(_ constraints: inout Constraints, at path: String) {
            constraints.notNull(write != nil, at: "\(path).writeCapacityUnits")
            constraints.range(write, at: "\(path).writeCapacityUnits", from: 1)
            constraints.notNull(read != nil, at: "\(path).readCapacityUnits")
            constraints.range(read, at: "\(path).readCapacityUnits", from: 1)
        }

        var value: Throughput { Throughput(read: read ?? 1, write: write ?? 1) }
    }

    struct IndexInput: Sendable {
        let kind: TableIndex.Kind
        let name: String?
        let keySchema: [KeyElement]?
        let hasProjection: Bool
        let projectionType: String?
        let nonKeyAttributes: [String]?
        let throughput: ThroughputInput?
    }

    let name: String?
    let rawDefinitions: [Definition]?
    let keySchema: [KeyElement]?
    let billingMode: String?
    let throughput: ThroughputInput?
    let locals: [IndexInput]?
    let globals: [IndexInput]?
    let tableClass: String?
    let isProtected: Bool
    private let unsupported: [String]

    init(_ input: InputReader) throws(ValidationError) {
        name = try input.string("TableName")
        var definitions: [Definition]?
        if let list = try input.structures("AttributeDefinitions", "AttributeDefinition") {
            definitions = []
            for element in list {
                definitions?.append(
                    Definition(
                        name: try element.string("AttributeName"), type: try element.string("AttributeType")))
            }
        }
        rawDefinitions = definitions
        keySchema = try Self.keySchema(input)
        billingMode = try input.string("BillingMode")
        throughput = try ThroughputInput(input)
        locals = try Self.indexes(input, .local)
        globals = try Self.indexes(input, .global)
        tableClass = try input.string("TableClass")
        isProtected = try input.bool("DeletionProtectionEnabled") ?? false
        var unsupported = input.present(["ResourcePolicy", "OnDemandThroughput", "WarmThroughput"])
        if try input.structure("StreamSpecification", "StreamSpecification")?.bool("StreamEnabled") == true {
            unsupported.append("StreamSpecification")
        }
        if try input.structure("SSESpecification", "SSESpecification")?.bool("Enabled") == true {
            unsupported.append("SSESpecification")
        }
        if try input.list("Tags")?.isEmpty == false { unsupported.append("Tags") }
        self.unsupported = unsupported
    }

    private static func keySchema(_ input: InputReader) throws(ValidationError) -> [KeyElement]? {
        guard let list = try input.structures("KeySchema", "KeySchemaElement") else { return nil }
        var result: [KeyElement] = []
        for element in list {
            result.append(
                KeyElement(name: try element.string("AttributeName"), type: try element.string("KeyType")))
        }
        return result
    }

    private static func indexes(
        _ input: InputReader, _ kind: TableIndex.Kind
    ) throws(ValidationError) -> [IndexInput]? {
        let type = kind == .global ? "GlobalSecondaryIndex" : "LocalSecondaryIndex"
        guard let list = try input.structures(kind.rawValue, type) else { return nil }
        var result: [IndexInput] = []
        for element in list {
            let projection = try element.structure("Projection", "Projection")
            result.append(
                IndexInput(
                    kind: kind, name: try element.string("IndexName"), keySchema: try keySchema(element),
                    hasProjection: projection != nil,
                    projectionType: try projection?.string("ProjectionType"),
                    nonKeyAttributes: try projection?.strings("NonKeyAttributes"),
                    throughput: kind == .global ? try ThroughputInput(element) : nil))
        }
        return result
    }

    // MARK: the service model

    func constrain(_ constraints: inout Constraints) {
        constraints.notNull(rawDefinitions != nil, at: "attributeDefinitions")
        for (index, definition) in (rawDefinitions ?? []).enumerated() {
            let path = "attributeDefinitions.\(index + 1).member"
            constraints.notNull(definition.name != nil, at: "\(path).attributeName")
            constraints.length(definition.name, at: "\(path).attributeName", from: 1, to: 255)
            constraints.notNull(definition.type != nil, at: "\(path).attributeType")
            constraints.member(definition.type, of: ["B", "N", "S"], at: "\(path).attributeType")
        }
        constraints.name(name, at: "tableName")
        constraints.member(billingMode, of: ["PROVISIONED", "PAY_PER_REQUEST"], at: "billingMode")
        throughput?.constrain(&constraints, at: "provisionedThroughput")
        constrain(keySchema, &constraints, at: "keySchema", maximum: 2)
        for (list, path) in [(locals, "localSecondaryIndexes"), (globals, "globalSecondaryIndexes")] {
            for (index, element) in (list ?? []).enumerated() {
                constrain(element, &constraints, at: "\(path).\(index + 1).member")
            }
        }
        constraints.member(
            tableClass, of: ["STANDARD", "STANDARD_INFREQUENT_ACCESS"], at: "tableClass")
    }

    private func constrain(
        _ schema: [KeyElement]?, _ constraints: inout Constraints, at path: String, maximum: Int
    ) {
        constraints.notNull(schema != nil, at: path)
        guard let schema else { return }
        let shown =
            "["
            + schema.map {
                "KeySchemaElement(attributeName=\($0.name ?? "null"), keyType=\($0.type ?? "null"))"
            }
            .joined(separator: ", ") + "]"
        constraints.length(schema.count, shown: shown, at: path, from: 1, to: maximum)
        for (index, element) in schema.enumerated() {
            let member = "\(path).\(index + 1).member"
            constraints.notNull(element.name != nil, at: "\(member).attributeName")
            constraints.length(element.name, at: "\(member).attributeName", from: 1, to: 255)
            constraints.notNull(element.type != nil, at: "\(member).keyType")
            constraints.member(element.type, of: ["HASH", "RANGE"], at: "\(member).keyType")
        }
    }

    private func constrain(_ index: IndexInput, _ constraints: inout Constraints, at path: String) {
        constraints.name(index.name, at: "\(path).indexName")
        constrain(
            index.keySchema, &constraints, at: "\(path).keySchema", maximum: index.kind == .global ? 8 : 2)
        constraints.notNull(index.hasProjection, at: "\(path).projection")
        constraints.member(
            index.projectionType, of: ["ALL", "INCLUDE", "KEYS_ONLY"], at: "\(path).projection.projectionType"
        )
        if let names = index.nonKeyAttributes {
            constraints.length(
                names.count, shown: "[\(names.joined(separator: ", "))]",
                at: "\(path).projection.nonKeyAttributes", from: 1, to: 20)
        }
        index.throughput?.constrain(&constraints, at: "\(path).provisionedThroughput")
    }

    // MARK: the operation's own checks

    func checkSupported() throws {
        guard let first = unsupported.first else { return }
        throw TableErrors.validation("The parameter \(first) is not supported by this emulator yet")
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
        return throughput.value
    }

    var definitions: [KeyAttribute]? {
        rawDefinitions?.map {
            KeyAttribute(name: $0.name ?? "", type: AttributeType(rawValue: $0.type ?? "") ?? .s)
        }
    }

    func keys() throws -> KeySchema {
        let names = (keySchema ?? []).map { $0.name ?? "" }
        let defined = (definitions ?? []).map(\.name)
        if names.count > defined.count {
            throw TableErrors.validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        return try keys(keySchema ?? [], multiple: false)
    }

    private func keys(_ schema: [KeyElement], multiple: Bool) throws -> KeySchema {
        let defined = definitions ?? []
        let names = schema.map { $0.name ?? "" }
        var attributes: [KeyAttribute] = []
        for name in names {
            guard let found = defined.first(where: { UTF8Order.equal($0.name, name) }) else {
                throw TableErrors.invalidParameter(
                    "Some index key attributes are not defined in AttributeDefinitions. "
                        + "Keys: [\(names.joined(separator: ", "))], AttributeDefinitions: "
                        + "[\(defined.map(\.name).joined(separator: ", "))]")
            }
            attributes.append(found)
        }
        for (index, name) in names.enumerated()
        where names[..<index].contains(where: { UTF8Order.equal($0, name) }) {
            throw TableErrors.validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name")
        }
        let hashCount = schema.prefix { $0.type == "HASH" }.count
        guard hashCount > 0 else {
            throw TableErrors.validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
        let limit = multiple ? 4 : 1
        guard hashCount <= limit, schema[hashCount...].allSatisfy({ $0.type == "RANGE" }),
            schema.count - hashCount <= limit
        else {
            throw TableErrors.validation(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        }
        return KeySchema(hash: Array(attributes[..<hashCount]), range: Array(attributes[hashCount...]))
    }

    func indexPlans(tableKeys: KeySchema, tableThroughput: Throughput?) throws -> [IndexPlan] {
        var plans: [IndexPlan] = []
        for (list, kind, limit) in [
            (locals, "LocalSecondaryIndexes", 5), (globals, "GlobalSecondaryIndexes", 20),
        ] {
            guard let list else { continue }
            guard !list.isEmpty else {
                throw TableErrors.invalidParameter("List of \(kind) is empty")
            }
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
        return plans
    }

    private func plan(
        _ input: IndexInput, _ before: [IndexPlan], _ tableKeys: KeySchema, _ tableThroughput: Throughput?
    ) throws -> IndexPlan {
        let name = input.name ?? ""
        let keys = try keys(input.keySchema ?? [], multiple: input.kind == .global)
        if input.kind == .local { try checkLocal(keys, name, tableKeys) }
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
        if tableThroughput == nil, input.throughput != nil {
            throw TableErrors.invalidParameter(
                "ProvisionedThroughput should not be specified for index: \(name) when BillingMode is "
                    + "PAY_PER_REQUEST")
        }
        if tableThroughput != nil, input.kind == .global, input.throughput == nil {
            throw TableErrors.invalidParameter(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified for index: \(name)")
        }
        if before.contains(where: { $0.name == name }) {
            throw TableErrors.invalidParameter("Duplicate index name: \(name)")
        }
        return IndexPlan(
            kind: input.kind, name: name, keys: keys, projection: projection,
            nonKeyAttributes: input.nonKeyAttributes ?? [], throughput: input.throughput?.value)
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

    /// Every definition must belong to a key.
    func checkUse(_ keys: KeySchema, _ indexes: [IndexPlan]) throws {
        let defined = (definitions ?? []).map(\.name)
        let used = Set((keys.all + indexes.flatMap(\.keys.all)).map(\.name))
        if indexes.isEmpty, defined.count != used.count {
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
