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

        init?(
            _ input: InputReader, _ member: String = "ProvisionedThroughput"
        ) throws(ValidationError) {
            guard let reader = try input.structure(member, "ProvisionedThroughput") else {
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
        let onDemand: OnDemandInput?
        let warm: WarmInput?

        init(_ element: InputReader, _ kind: TableIndex.Kind) throws(ValidationError) {
            self.kind = kind
            name = try element.string("IndexName")
            keySchema = try TableInput.keySchema(element)
            let projection = try element.structure("Projection", "Projection")
            hasProjection = projection != nil
            projectionType = try projection?.string("ProjectionType")
            nonKeyAttributes = try projection?.strings("NonKeyAttributes")
            let isGlobal = kind == .global
            throughput = isGlobal ? try ThroughputInput(element) : nil
            onDemand = isGlobal ? try OnDemandInput(element) : nil
            warm = isGlobal ? try WarmInput(element) : nil
        }
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
    let onDemand: OnDemandInput?
    let warm: WarmInput?
    let encryption: EncryptionInput?
    let tags: [TagInput]
    let policy: String?
    let stream: StreamInput?
    let unsupported: [String]

    init(_ input: InputReader) throws(ValidationError) {
        name = try input.string("TableName")
        rawDefinitions = try Self.definitions(input)
        keySchema = try Self.keySchema(input)
        billingMode = try input.string("BillingMode")
        throughput = try ThroughputInput(input)
        locals = try Self.indexes(input, .local)
        globals = try Self.indexes(input, .global)
        tableClass = try input.string("TableClass")
        isProtected = try input.bool("DeletionProtectionEnabled") ?? false
        onDemand = try OnDemandInput(input)
        warm = try WarmInput(input)
        encryption = try EncryptionInput(input)
        tags = try TagInput.list(input) ?? []
        policy = try input.string("ResourcePolicy")
        stream = try StreamInput(input)
        unsupported = input.present([
            "VectorIndexes", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode",
        ])
    }

    static func definitions(_ input: InputReader) throws(ValidationError) -> [Definition]? {
        guard let list = try input.structures("AttributeDefinitions", "AttributeDefinition") else {
            return nil
        }
        var result: [Definition] = []
        for element in list {
            result.append(
                Definition(
                    name: try element.string("AttributeName"), type: try element.string("AttributeType")))
        }
        return result
    }

    static func keySchema(_ input: InputReader) throws(ValidationError) -> [KeyElement]? {
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
        for element in list { result.append(try IndexInput(element, kind)) }
        return result
    }

    // MARK: the service model

    func constrain(_ constraints: inout Constraints) {
        constraints.notNull(rawDefinitions != nil, at: "attributeDefinitions")
        Self.constrain(rawDefinitions, &constraints)
        constraints.name(name, at: "tableName")
        constraints.member(billingMode, of: ["PROVISIONED", "PAY_PER_REQUEST"], at: "billingMode")
        throughput?.constrain(&constraints, at: "provisionedThroughput")
        Self.constrain(keySchema, &constraints, at: "keySchema", maximum: 2)
        for (list, path) in [(locals, "localSecondaryIndexes"), (globals, "globalSecondaryIndexes")] {
            for (index, element) in (list ?? []).enumerated() {
                Self.constrain(element, &constraints, at: "\(path).\(index + 1).member")
            }
        }
        stream?.constrain(&constraints)
        encryption?.constrain(&constraints)
    }

    static func constrain(_ definitions: [Definition]?, _ constraints: inout Constraints) {
        for (index, definition) in (definitions ?? []).enumerated() {
            let path = "attributeDefinitions.\(index + 1).member"
            constraints.notNull(definition.name != nil, at: "\(path).attributeName")
            constraints.length(definition.name, at: "\(path).attributeName", from: 1, to: 255)
            constraints.notNull(definition.type != nil, at: "\(path).attributeType")
            constraints.member(definition.type, of: ["B", "N", "S"], at: "\(path).attributeType")
        }
    }

    private static func constrain(
        _ schema: [KeyElement]?, _ constraints: inout Constraints, at path: String, maximum: Int?
    ) {
        constraints.notNull(schema != nil, at: path)
        guard let schema else { return }
        let shown =
            "["
            + schema.map {
                "KeySchemaElement(attributeName=\($0.name ?? "null"), keyType=\($0.type ?? "null"))"
            }
            .joined(separator: ", ") + "]"
        constraints.length(schema.count, shown: shown, at: path, from: 1, to: maximum ?? .max)
        for (index, element) in schema.enumerated() {
            let member = "\(path).\(index + 1).member"
            constraints.notNull(element.name != nil, at: "\(member).attributeName")
            constraints.length(element.name, at: "\(member).attributeName", from: 1, to: 255)
            constraints.notNull(element.type != nil, at: "\(member).keyType")
            constraints.member(element.type, of: ["HASH", "RANGE"], at: "\(member).keyType")
        }
    }

    static func constrain(_ index: IndexInput, _ constraints: inout Constraints, at path: String) {
        constraints.name(index.name, at: "\(path).indexName")
        constrain(
            index.keySchema, &constraints, at: "\(path).keySchema",
            maximum: index.kind == .global ? nil : 2)
        constraints.notNull(index.hasProjection, at: "\(path).projection")
        constraints.member(
            index.projectionType, of: ["ALL", "INCLUDE", "KEYS_ONLY"], at: "\(path).projection.projectionType"
        )
        if let names = index.nonKeyAttributes {
            constraints.length(
                names.count, shown: "[\(names.joined(separator: ", "))]",
                at: "\(path).projection.nonKeyAttributes", from: 1, to: 20)
            for (index, name) in names.enumerated() {
                let member = "\(path).projection.nonKeyAttributes.\(index + 1).member"
                constraints.length(name, at: member, from: 1, to: 255)
            }
        }
        index.throughput?.constrain(&constraints, at: "\(path).provisionedThroughput")
    }
}
