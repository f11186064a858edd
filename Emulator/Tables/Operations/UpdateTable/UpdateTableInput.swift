import AWSProtocol
import Expressions

/// The input of UpdateTable as it came, and the checks that do not depend on the table.
struct UpdateTableInput: Sendable {
    /// What this emulator has no use for: there is one region, and no vector search.
    private static let unsupportedMembers = [
        "ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates",
        "GlobalTableSettingsReplicationMode", "DisassociationProtectionEnabled", "VectorIndexUpdates",
    ]

    let name: String?
    let rawDefinitions: [TableInput.Definition]?
    let billingMode: String?
    let throughput: TableInput.ThroughputInput?
    let indexUpdates: [IndexUpdateInput]?
    let encryption: EncryptionInput?
    let tableClass: String?
    let isProtected: Bool?
    let onDemand: OnDemandInput?
    let warm: WarmInput?
    let stream: StreamInput?
    private let unsupported: [String]

    init(_ input: InputReader) throws(ValidationError) {
        name = try input.tableName()
        rawDefinitions = try TableInput.definitions(input)
        billingMode = try input.string("BillingMode")
        throughput = try TableInput.ThroughputInput(input)
        var updates: [IndexUpdateInput]?
        if let list = try input.structures("GlobalSecondaryIndexUpdates", "GlobalSecondaryIndexUpdate") {
            updates = []
            for element in list { updates?.append(try IndexUpdateInput(element)) }
        }
        indexUpdates = updates
        encryption = try EncryptionInput(input)
        tableClass = try input.string("TableClass")
        isProtected = try input.bool("DeletionProtectionEnabled")
        // An empty structure changes nothing and counts as absent.
        onDemand = try OnDemandInput(input).flatMap { $0.isEmpty ? nil : $0 }
        warm = try WarmInput(input).flatMap { $0.isEmpty ? nil : $0 }
        stream = try StreamInput(input)
        unsupported = input.present(Self.unsupportedMembers)
    }

    func check() throws {
        var constraints = Constraints()
        TableInput.constrain(rawDefinitions, &constraints)
        constraints.name(name, at: "tableName")
        constraints.member(billingMode, of: ["PROVISIONED", "PAY_PER_REQUEST"], at: "billingMode")
        throughput?.constrain(&constraints, at: "provisionedThroughput")
        for (index, update) in (indexUpdates ?? []).enumerated() {
            update.constrain(&constraints, at: "globalSecondaryIndexUpdates.\(index + 1).member")
        }
        stream?.constrain(&constraints)
        encryption?.constrain(&constraints)
        try constraints.check()
        if let member = unsupported.first {
            throw TableErrors.validation(
                "The parameter \(member) of UpdateTable is not supported by this emulator")
        }
        try TableInput.check(tableClass: tableClass)
        try checkAnything()
        try checkCombination()
        if let throughput { try TableInput.checkBounds(throughput) }
        try onDemand?.checkRange(.table, canClear: true)
        try encryption?.check()
        try stream?.check()
        try checkIndexUpdates()
    }

    private var hasIndexUpdates: Bool { indexUpdates?.isEmpty == false }
    private var isChangingThroughput: Bool { throughput != nil || billingMode == "PROVISIONED" }

    private func checkAnything() throws {
        let isAnything =
            throughput != nil || billingMode != nil || hasIndexUpdates || encryption != nil
            || tableClass != nil || isProtected != nil || onDemand != nil || warm != nil || stream != nil
        guard isAnything else {
            throw TableErrors.validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    + "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                    + "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                    + "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required"
            )
        }
        if indexUpdates?.isEmpty == true {
            throw TableErrors.invalidParameter("List of GlobalSecondaryIndexUpdates is empty")
        }
    }

    /// Which changes one request may bring together: hardly any.
    private func checkCombination() throws {
        let isChangingCapacity = throughput != nil || billingMode != nil
        let others: [(name: String, isPresent: Bool)] = [
            ("Server-Side Encryption", encryption != nil), ("TableClass", tableClass != nil),
            ("DeletionProtection", isProtected != nil),
        ]
        let count =
            others.count { $0.isPresent } + [isChangingCapacity, hasIndexUpdates, stream != nil].count { $0 }
            + [onDemand != nil, warm != nil].count { $0 }
        if count > 1, let alone = others.first(where: \.isPresent) {
            throw TableErrors.invalidParameter(
                "\(alone.name) modification must be the only operation in the request")
        }
        let touchesIndexes = (indexUpdates ?? []).contains { $0.update == nil }
        if warm != nil, count > 1 {
            throw TableErrors.invalidParameter(
                (indexUpdates ?? []).contains { $0.create != nil }
                    ? "Create global secondary index cannot be specified when updating WarmThroughput"
                    : "WarmThroughput must be the only operation in the request")
        }
        if onDemand != nil, throughput != nil || hasIndexUpdates || stream != nil {
            throw TableErrors.invalidParameter(
                "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request")
        }
        if stream != nil, isChangingThroughput {
            throw TableErrors.invalidParameter("You cannot modify stream status while updating table IOPS")
        }
        if touchesIndexes, throughput != nil {
            throw TableErrors.invalidParameter("You cannot create or delete index while updating table IOPS")
        }
        if touchesIndexes, stream != nil {
            throw TableErrors.invalidParameter(
                "You cannot create or delete index while changing stream status")
        }
    }

    private func checkIndexUpdates() throws {
        var names: [String] = []
        for update in indexUpdates ?? [] {
            switch [update.update != nil, update.create != nil, update.delete != nil].count(where: { $0 }) {
            case 0:
                throw TableErrors.invalidParameter(
                    "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                        + "GlobalSecondaryIndexUpdate.Delete must not be null")
            case 1: break
            default:
                throw TableErrors.invalidParameter(
                    "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object")
            }
        }
        for update in indexUpdates ?? [] {
            guard !names.contains(update.name) else {
                throw TableErrors.invalidParameter(
                    "Only one global secondary index update per index is allowed simultaneously. Index: "
                        + update.name)
            }
            names.append(update.name)
            try update.update?.check()
            if let throughput = update.create?.throughput { try TableInput.checkBounds(throughput) }
        }
        guard (indexUpdates ?? []).count(where: { $0.update == nil }) <= 1 else {
            throw TableErrors.limitExceeded(UpdateTable.oneOnlineIndex)
        }
    }
}

/// One entry of `GlobalSecondaryIndexUpdates`.
struct IndexUpdateInput: Sendable {
    struct Change: Sendable {
        let name: String?
        let throughput: TableInput.ThroughputInput?
        let onDemand: OnDemandInput?
        let warm: WarmInput?

        func check() throws {
            let name = name ?? ""
            if let throughput { try TableInput.checkBounds(throughput) }
            if warm?.isEmpty == true {
                throw TableErrors.invalidParameter(
                    "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond "
                        + "specified for index: \(name)")
            }
            try onDemand?.checkRange(.index(name), canClear: true)
        }
    }

    struct Deletion: Sendable {
        let name: String?
    }

    let update: Change?
    let create: TableInput.IndexInput?
    let delete: Deletion?

    init(_ input: InputReader) throws(ValidationError) {
        if let reader = try input.structure("Update", "UpdateGlobalSecondaryIndexAction") {
            update = Change(
                name: try reader.string("IndexName"), throughput: try TableInput.ThroughputInput(reader),
                onDemand: try OnDemandInput(reader), warm: try WarmInput(reader))
        } else {
            update = nil
        }
        if let reader = try input.structure("Create", "CreateGlobalSecondaryIndexAction") {
            create = try TableInput.IndexInput(reader, .global)
        } else {
            create = nil
        }
        if let reader = try input.structure("Delete", "DeleteGlobalSecondaryIndexAction") {
            delete = Deletion(name: try reader.string("IndexName"))
        } else {
            delete = nil
        }
    }

    var name: String { update?.name ?? create?.name ?? delete?.name ?? "" }

    func constrain(_ constraints: inout Constraints, at path: String) {
        if let update {
            constraints.name(update.name, at: "\(path).update.indexName")
            update.throughput?.constrain(&constraints, at: "\(path).update.provisionedThroughput")
        }
        if let create { TableInput.constrain(create, &constraints, at: "\(path).create") }
        if let delete { constraints.name(delete.name, at: "\(path).delete.indexName") }
    }
}
