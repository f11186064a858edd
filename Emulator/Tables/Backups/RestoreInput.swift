import AWSProtocol
import Expressions
import JSON
import Store

/// Parameters that both ways of restoring share.
struct RestoreInput: Sendable {
    let target: String?
    let billingMode: String?
    let throughput: TableInput.ThroughputInput?
    /// Names of the indexes to keep; nil for all.
    let globals: [String]?
    let locals: [String]?

    init(_ input: InputReader) throws(ValidationError) {
        target = try input.string("TargetTableName")
        billingMode = try input.string("BillingModeOverride")
        throughput = try TableInput.ThroughputInput(input, "ProvisionedThroughputOverride")
        globals = try Self.names(input, "GlobalSecondaryIndexOverride", "GlobalSecondaryIndex")
        locals = try Self.names(input, "LocalSecondaryIndexOverride", "LocalSecondaryIndex")
    }

    private static func names(
        _ input: InputReader, _ member: String, _ type: String
    ) throws(ValidationError) -> [String]? {
        guard let list = try input.structures(member, type) else { return nil }
        var names: [String] = []
        for index in list { names.append(try index.string("IndexName") ?? "") }
        return names
    }

    func constrain(_ constraints: inout Constraints) {
        constraints.name(target, at: "targetTableName")
        constraints.member(
            billingMode, of: ["PROVISIONED", "PAY_PER_REQUEST"], at: "billingModeOverride")
        throughput?.constrain(&constraints, at: "provisionedThroughputOverride")
    }

    func checkTarget(_ environment: TableEnvironment) throws {
        let name = target ?? ""
        if environment.catalog.find(name) != nil { throw Self.exists(name) }
        if billingMode == "PROVISIONED", throughput == nil {
            throw TableErrors.invalidParameter(
                "ProvisionedThroughputOverride must be specified when BillingModeOverride is PROVISIONED")
        }
    }

    private static func exists(_ name: String) -> AWSError {
        AWSError(code: "TableAlreadyExistsException", message: "Table already exists: \(name)")
    }

    /// Makes the table, to be filled later. As on AWS it has no stream, no expiry, no tags and no recovery.
    func makeTarget(
        from source: TableDefinition, uuid: String, summary: RestoreSummary, in transaction: Transaction
    ) throws -> Table {
        let name = target ?? ""
        guard try Catalog.read(name, in: transaction) == nil else { throw Self.exists(name) }
        for (names, kind) in [(globals, TableIndex.Kind.global), (locals, .local)] {
            for name in names ?? []
            where !source.indexes.contains(where: { $0.kind == kind && $0.name == name }) {
                throw TableErrors.invalidParameter(
                    "The index \(name) is not one of the backed up table's \(kind.rawValue)")
            }
        }
        let kept = source.indexes.filter { index in
            guard let names = index.kind == .global ? globals : locals else { return true }
            return names.contains(index.name)
        }
        let ids = Array(try Catalog.takeIDs(1 + kept.count, in: transaction))
        var throughput = throughput?.value ?? source.throughput
        if billingMode == "PAY_PER_REQUEST" { throughput = nil }
        let perRequest = throughput == nil
        let indexes = zip(kept, ids.dropFirst()).map { index, id in
            TableIndex(
                kind: index.kind, name: index.name, id: id, keys: index.keys, tableKeys: source.keys,
                projection: index.projection, nonKeyAttributes: index.nonKeyAttributes,
                throughput: perRequest ? nil : index.throughput ?? throughput)
        }
        let used = Set((source.keys.all + kept.flatMap(\.keys.all)).map(\.name))
        let table = Catalog.start(
            TableDefinition(
                name: name, id: ids[0], uuid: uuid, created: transaction.now, keys: source.keys,
                attributes: source.attributes.filter { used.contains($0.name) }, indexes: indexes,
                throughput: throughput, tableClass: source.tableClass, isProtected: false,
                restore: summary,
                settings: TableSettings(
                    payPerRequestSince: perRequest ? transaction.now : nil,
                    encryption: source.settings.encryption)))
        Catalog.write(table, in: transaction)
        return table
    }

    /// The answer of both operations.
    static func answer(_ table: Table, _ environment: TableEnvironment) -> JSONValue {
        var description = environment.description(of: table.definition)
        description.isUnfinished = true
        return ["TableDescription": description.json]
    }
}

extension Table {
    /// Whether it is being filled from a backup; nobody reads or writes it until then.
    var isRestoring: Bool { definition.isRestoring }
}
