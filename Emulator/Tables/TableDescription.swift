import Clock
import Expressions
import JSON
import Store

/// Where a description is used: ARNs hold the region and the account.
struct TableLocation: Sendable {
    let region: String
    let accountID: String

    func arn(_ table: String) -> String { "arn:aws:dynamodb:\(region):\(accountID):table/\(table)" }
}

/// How much a table or an index holds. AWS reports it with hours of delay.
struct TableStatistics: Sendable {
    var items = 0
    var bytes = 0

    mutating func add(_ item: Item) {
        items += 1
        bytes += item.itemSize
    }

    /// What the counters of a table or an index show.
    static func read(_ owner: UInt32, _ source: some Reading) throws -> TableStatistics {
        TableStatistics(
            items: Int(try source.counter(TableCounter.items.id(owner))),
            bytes: Int(try source.counter(TableCounter.bytes.id(owner))))
    }

    /// Those of a table and of its indexes, by their ids.
    static func readAll(
        _ definition: TableDefinition, _ source: some Reading
    ) throws -> [UInt32: TableStatistics] {
        var result = [definition.id: try read(definition.id, source)]
        for index in definition.indexes { result[index.id] = try read(index.id, source) }
        return result
    }
}

/// `TableDescription` of the AWS API: a definition, what it holds, and what is being done to it.
struct TableDescription: Sendable {
    let definition: TableDefinition
    let location: TableLocation
    /// When it is described: `NumberOfDecreasesToday` begins again each day.
    let now: Timestamp
    /// By ids of the table and its indexes; who is missing holds nothing.
    var statistics: [UInt32: TableStatistics] = [:]
    /// `TableStatus`; nil for what the definition says.
    var status: String?
    /// `IndexStatus` by name, where it is not what the definition says.
    var indexStatus: [String: String] = [:]
    /// `Status` of the members that have one of their own.
    var encryptionStatus = "ENABLED"
    var warmStatus = "ACTIVE"
    /// For answers of CreateTable and of a change of the billing mode, which leave out what is not done yet.
    var isUnfinished = false

    var json: JSONValue {
        var object = JSONObject()
        object.append("AttributeDefinitions", attributes)
        object.append("TableName", .string(definition.name))
        object.append("KeySchema", TableDefinition.json(definition.keys))
        object.append("TableStatus", .string(tableStatus))
        object.append("CreationDateTime", definition.created.json)
        object.append(
            "ProvisionedThroughput",
            Self.json(definition.throughput, definition.settings.throughputHistory, now: now))
        append(size: definition.id, "TableSizeBytes", to: &object)
        object.append("TableArn", .string(location.arn(definition.name)))
        object.append("TableId", .string(definition.uuid))
        if let billing { object.append("BillingModeSummary", billing) }
        for kind in [TableIndex.Kind.local, .global] {
            let members = definition.indexes.filter { $0.kind == kind }
            if !members.isEmpty { object.append(kind.rawValue, .array(members.map(describe))) }
        }
        appendStream(to: &object)
        if let encryption = definition.settings.encryption {
            object.append(
                "SSEDescription",
                [
                    "Status": .string(encryptionStatus), "SSEType": "KMS",
                    "KMSMasterKeyArn": .string(encryption.keyARN),
                ])
        }
        if let tableClass = definition.tableClass {
            object.append("TableClassSummary", ["TableClass": .string(tableClass)])
        }
        appendRestore(to: &object)
        object.append("DeletionProtectionEnabled", .bool(definition.isProtected))
        if let onDemand = definition.settings.onDemand {
            object.append("OnDemandThroughput", Self.json(onDemand))
        }
        if !isUnfinished || definition.settings.warm != nil {
            object.append("WarmThroughput", Self.json(definition.warmThroughput, status: warmStatus))
        }
        return .object(object)
    }

    /// What DeleteTable answers: the schema is gone already.
    var last: JSONValue {
        var object = JSONObject()
        object.append("TableName", .string(definition.name))
        object.append("TableStatus", "DELETING")
        object.append(
            "ProvisionedThroughput",
            Self.json(definition.throughput, definition.settings.throughputHistory, now: now))
        append(size: definition.id, "TableSizeBytes", to: &object)
        object.append("TableArn", .string(location.arn(definition.name)))
        object.append("TableId", .string(definition.uuid))
        if let billing { object.append("BillingModeSummary", billing) }
        object.append("DeletionProtectionEnabled", .bool(definition.isProtected))
        return .object(object)
    }

    private var tableStatus: String {
        status ?? definition.status
    }

    private var attributes: JSONValue {
        let sorted = definition.attributes.sorted { UTF8Order.compare($0.name, $1.name) < 0 }
        return .array(
            sorted.map { ["AttributeName": .string($0.name), "AttributeType": .string($0.type.rawValue)] })
    }

    /// Only tables that are or were billed per request have one.
    private var billing: JSONValue? {
        let since = definition.settings.payPerRequestSince
        let isOnDemand = definition.throughput == nil
        guard isOnDemand || since != nil else { return nil }
        var object = JSONObject()
        object.append("BillingMode", isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED")
        if let since, !isUnfinished {
            object.append("LastUpdateToPayPerRequestDateTime", since.json)
        }
        return .object(object)
    }

    private func appendStream(to object: inout JSONObject) {
        if let stream = definition.stream {
            object.append(
                "StreamSpecification", ["StreamEnabled": true, "StreamViewType": .string(stream.viewType)])
        }
        // They stay when the stream is turned off.
        guard let label = definition.latestStream else { return }
        object.append("LatestStreamLabel", .string(label))
        object.append(
            "LatestStreamArn", .string(StreamARN(table: definition.name, label: label).text(at: location)))
    }

    private func appendRestore(to object: inout JSONObject) {
        guard let restore = definition.restore else { return }
        var summary = JSONObject()
        if let backup = restore.backupARN { summary.append("SourceBackupArn", .string(backup)) }
        summary.append("SourceTableArn", .string(restore.tableARN))
        summary.append("RestoreDateTime", restore.time.json)
        summary.append("RestoreInProgress", .bool(restore.isInProgress))
        object.append("RestoreSummary", .object(summary))
    }

    private func describe(_ index: TableIndex) -> JSONValue {
        var object = JSONObject()
        object.append("IndexName", .string(index.name))
        object.append("KeySchema", TableDefinition.json(index.keys))
        object.append("Projection", TableDefinition.json(index.projection, index.nonKeyAttributes))
        if index.kind == .global {
            let own = indexStatus[index.name]
            let creating = index.isBackfilling ? "CREATING" : nil
            let whole = status ?? (definition.isRestoring ? definition.status : "ACTIVE")
            object.append("IndexStatus", .string(own ?? creating ?? whole))
            // While resources are allocated, as AWS's first answer says, nothing is being filled yet.
            if index.isBackfilling { object.append("Backfilling", .bool(own == nil)) }
            let throughput = definition.throughput == nil ? nil : index.throughput
            object.append(
                "ProvisionedThroughput",
                Self.json(throughput, index.settings.throughputHistory, now: now))
        }
        append(size: index.id, "IndexSizeBytes", to: &object)
        object.append("IndexArn", .string("\(location.arn(definition.name))/index/\(index.name)"))
        guard index.kind == .global else { return .object(object) }
        if let onDemand = index.settings.onDemand {
            object.append("OnDemandThroughput", Self.json(onDemand))
        }
        if !isUnfinished {
            object.append(
                "WarmThroughput", Self.json(definition.warmThroughput(of: index), status: warmStatus))
        }
        return .object(object)
    }

    private func append(size owner: UInt32, _ name: String, to object: inout JSONObject) {
        let size = statistics[owner] ?? TableStatistics()
        object.append(name, .number(JSONNumber(size.bytes)))
        object.append("ItemCount", .number(JSONNumber(size.items)))
    }
}

// MARK: - Parts

extension TableDefinition {
    /// `TableStatus`.
    var status: String {
        if isRestoring { return "CREATING" }
        return indexes.contains(where: \.isBackfilling) ? "UPDATING" : "ACTIVE"
    }

    /// Whether it is being filled from a backup; nobody reads or writes it until then.
    var isRestoring: Bool { restore?.isInProgress ?? false }

    static func json(_ keys: KeySchema) -> JSONValue {
        .array(
            keys.hash.map { ["AttributeName": .string($0.name), "KeyType": "HASH"] }
                + keys.range.map { ["AttributeName": .string($0.name), "KeyType": "RANGE"] })
    }

    static func json(_ projection: ProjectionType, _ nonKeyAttributes: [String]) -> JSONValue {
        var object = JSONObject()
        object.append("ProjectionType", .string(projection.rawValue))
        if !nonKeyAttributes.isEmpty {
            let sorted = nonKeyAttributes.sorted { UTF8Order.compare($0, $1) < 0 }
            object.append("NonKeyAttributes", .array(sorted.map { .string($0) }))
        }
        return .object(object)
    }

    /// `ProvisionedThroughput` without its history.
    static func json(_ throughput: Throughput?) -> JSONValue {
        [
            "ReadCapacityUnits": .number(JSONNumber(throughput?.read ?? 0)),
            "WriteCapacityUnits": .number(JSONNumber(throughput?.write ?? 0)),
        ]
    }
}

extension TableDescription {
    private static func json(
        _ throughput: Throughput?, _ history: ThroughputHistory, now: Timestamp
    ) -> JSONValue {
        var object = JSONObject()
        if let time = history.lastIncrease { object.append("LastIncreaseDateTime", time.json) }
        if let time = history.lastDecrease { object.append("LastDecreaseDateTime", time.json) }
        object.append("NumberOfDecreasesToday", .number(JSONNumber(history.decreases(onTheDayOf: now))))
        object.append("ReadCapacityUnits", .number(JSONNumber(throughput?.read ?? 0)))
        object.append("WriteCapacityUnits", .number(JSONNumber(throughput?.write ?? 0)))
        return .object(object)
    }

    private static func json(_ limits: OnDemandThroughput) -> JSONValue {
        var object = JSONObject()
        if let maximum = limits.maximumRead {
            object.append("MaxReadRequestUnits", .number(JSONNumber(maximum)))
        }
        if let maximum = limits.maximumWrite {
            object.append("MaxWriteRequestUnits", .number(JSONNumber(maximum)))
        }
        return .object(object)
    }

    private static func json(_ warm: Throughput, status: String) -> JSONValue {
        [
            "ReadUnitsPerSecond": .number(JSONNumber(warm.read)),
            "WriteUnitsPerSecond": .number(JSONNumber(warm.write)), "Status": .string(status),
        ]
    }
}
