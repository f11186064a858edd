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

    /// Those of all indexes of a table, by their ids.
    static func read(indexesOf table: Table, _ source: some Reading) throws -> [UInt32: TableStatistics] {
        var result: [UInt32: TableStatistics] = [:]
        for index in table.indexes { result[index.id] = try read(index.id, source) }
        return result
    }
}

/// `TableDescription` of the AWS API, which is also what is stored, with a few members of our own.
extension TableDefinition {
    func description(
        status: String, at location: TableLocation, _ statistics: TableStatistics,
        indexes counted: [UInt32: TableStatistics] = [:]
    ) -> JSONValue {
        var object = JSONObject()
        object.append(
            "AttributeDefinitions",
            .array(
                attributes.map {
                    ["AttributeName": .string($0.name), "AttributeType": .string($0.type.rawValue)]
                }))
        object.append("TableName", .string(name))
        object.append("KeySchema", Self.json(keys))
        object.append("TableStatus", .string(status))
        object.append("CreationDateTime", .number(JSONNumber(Double(created.milliseconds) / 1000)))
        object.append("ProvisionedThroughput", Self.json(throughput, full: true))
        object.append("TableSizeBytes", .number(JSONNumber(statistics.bytes)))
        object.append("ItemCount", .number(JSONNumber(statistics.items)))
        object.append("TableArn", .string(location.arn(name)))
        object.append("TableId", .string(uuid))
        if throughput == nil { object.append("BillingModeSummary", billing(status)) }
        for kind in [TableIndex.Kind.local, .global] {
            let members = indexes.filter { $0.kind == kind }
            guard !members.isEmpty else { continue }
            object.append(
                kind.rawValue,
                .array(
                    members.map {
                        describe($0, status: status, at: location, counted[$0.id] ?? TableStatistics())
                    }))
        }
        if let tableClass { object.append("TableClassSummary", ["TableClass": .string(tableClass)]) }
        if let restore {
            var summary = JSONObject()
            if let backup = restore.backupARN { summary.append("SourceBackupArn", .string(backup)) }
            summary.append("SourceTableArn", .string(restore.tableARN))
            summary.append("RestoreDateTime", restore.time.json)
            summary.append("RestoreInProgress", .bool(restore.isInProgress))
            object.append("RestoreSummary", .object(summary))
        }
        object.append("DeletionProtectionEnabled", .bool(isProtected))
        if status == "ACTIVE" { object.append("WarmThroughput", Self.warm(throughput)) }
        return .object(object)
    }

    /// What DeleteTable answers: the schema is gone already.
    func lastDescription(at location: TableLocation, _ statistics: TableStatistics) -> JSONValue {
        let status = "DELETING"
        var object = JSONObject()
        object.append("TableName", .string(name))
        object.append("TableStatus", .string(status))
        object.append("ProvisionedThroughput", Self.json(throughput, full: true))
        object.append("TableSizeBytes", .number(JSONNumber(statistics.bytes)))
        object.append("ItemCount", .number(JSONNumber(statistics.items)))
        object.append("TableArn", .string(location.arn(name)))
        object.append("TableId", .string(uuid))
        if throughput == nil { object.append("BillingModeSummary", billing(status)) }
        object.append("DeletionProtectionEnabled", .bool(isProtected))
        return .object(object)
    }

    private func billing(_ status: String) -> JSONValue {
        guard status != "CREATING" else { return ["BillingMode": "PAY_PER_REQUEST"] }
        let since = JSONNumber(Double(created.milliseconds) / 1000)
        return ["BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": .number(since)]
    }

    /// The throughput that is there at once: what is provisioned, or what every table on demand begins with
    /// (Amazon DynamoDB Developer Guide, "Understanding DynamoDB warm throughput").
    private static func warm(_ throughput: Throughput?) -> JSONValue {
        [
            "ReadUnitsPerSecond": .number(JSONNumber(throughput?.read ?? 12_000)),
            "WriteUnitsPerSecond": .number(JSONNumber(throughput?.write ?? 4_000)),
            "Status": "ACTIVE",
        ]
    }

    private func describe(
        _ index: TableIndex, status: String, at location: TableLocation, _ statistics: TableStatistics
    ) -> JSONValue {
        var object = JSONObject()
        object.append("IndexName", .string(index.name))
        object.append("KeySchema", Self.json(index.keys))
        object.append("Projection", Self.json(index.projection, index.nonKeyAttributes))
        if index.kind == .global {
            object.append("IndexStatus", .string(status))
            object.append("ProvisionedThroughput", Self.json(index.throughput, full: true))
        }
        object.append("IndexSizeBytes", .number(JSONNumber(statistics.bytes)))
        object.append("ItemCount", .number(JSONNumber(statistics.items)))
        object.append("IndexArn", .string("\(location.arn(name))/index/\(index.name)"))
        if index.kind == .global, status == "ACTIVE" {
            object.append("WarmThroughput", Self.warm(index.throughput))
        }
        return .object(object)
    }

    static func json(_ keys: KeySchema) -> JSONValue {
        .array(
            keys.hash.map { ["AttributeName": .string($0.name), "KeyType": "HASH"] }
                + keys.range.map { ["AttributeName": .string($0.name), "KeyType": "RANGE"] })
    }

    static func json(_ projection: ProjectionType, _ nonKeyAttributes: [String]) -> JSONValue {
        var object = JSONObject()
        object.append("ProjectionType", .string(projection.rawValue))
        if !nonKeyAttributes.isEmpty {
            object.append("NonKeyAttributes", .array(nonKeyAttributes.map { .string($0) }))
        }
        return .object(object)
    }

    static func json(_ throughput: Throughput?, full: Bool) -> JSONValue {
        var object = JSONObject()
        if full { object.append("NumberOfDecreasesToday", 0) }
        object.append("ReadCapacityUnits", .number(JSONNumber(throughput?.read ?? 0)))
        object.append("WriteCapacityUnits", .number(JSONNumber(throughput?.write ?? 0)))
        return .object(object)
    }
}

// MARK: - Stored form

/// A stored definition that cannot be read: the database is damaged or newer.
struct DefinitionError: Error, CustomStringConvertible {
    let table: String
    var description: String { "the stored definition of table \(table) cannot be read" }
}

extension TableDefinition {
    /// The definition as stored JSON.
    var stored: JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        object.append("id", .number(JSONNumber(Int(id))))
        object.append("uuid", .string(uuid))
        object.append("created", .number(JSONNumber(created.milliseconds)))
        object.append("definitions", Self.stored(attributes))
        object.append("hash", Self.stored(keys.hash))
        object.append("range", Self.stored(keys.range))
        if let throughput { object.append("throughput", Self.stored(throughput)) }
        if let tableClass { object.append("tableClass", .string(tableClass)) }
        object.append("isProtected", .bool(isProtected))
        if let timeToLive { object.append("timeToLive", .string(timeToLive)) }
        if let stream {
            object.append("stream", ["viewType": .string(stream.viewType), "label": .string(stream.label)])
        }
        if let recovery {
            object.append(
                "recovery",
                [
                    "since": .number(JSONNumber(recovery.since.milliseconds)),
                    "days": .number(JSONNumber(recovery.days)),
                ])
        }
        if !copies.isEmpty {
            object.append("copies", .array(copies.map { .number(JSONNumber(Int($0))) }))
        }
        if let restore { object.append("restore", Self.stored(restore)) }
        if isCounted { object.append("isCounted", true) }
        object.append("indexes", .array(indexes.map(Self.stored)))
        return .object(object)
    }

    private static func stored(_ attributes: [KeyAttribute]) -> JSONValue {
        .array(attributes.map { ["name": .string($0.name), "type": .string($0.type.rawValue)] })
    }

    private static func stored(_ throughput: Throughput) -> JSONValue {
        ["read": .number(JSONNumber(throughput.read)), "write": .number(JSONNumber(throughput.write))]
    }

    private static func stored(_ index: TableIndex) -> JSONValue {
        var object = JSONObject()
        object.append("kind", .string(index.kind.rawValue))
        object.append("name", .string(index.name))
        object.append("id", .number(JSONNumber(Int(index.id))))
        object.append("hash", stored(index.keys.hash))
        object.append("range", stored(index.keys.range))
        object.append("projection", .string(index.projection.rawValue))
        object.append("nonKeyAttributes", .array(index.nonKeyAttributes.map { .string($0) }))
        if let throughput = index.throughput { object.append("throughput", stored(throughput)) }
        return .object(object)
    }

    /// - Throws: `DefinitionError`.
    init(stored json: JSONValue) throws {
        let name = json["name"]?.string ?? "?"
        guard let id = json["id"]?.int.flatMap(UInt32.init(exactly:)), let uuid = json["uuid"]?.string,
            let created = json["created"]?.int64, let hash = Self.attributes(json["hash"]), !hash.isEmpty,
            let range = Self.attributes(json["range"]), let list = json["indexes"]?.array,
            let attributes = Self.attributes(json["definitions"])
        else { throw DefinitionError(table: name) }
        let keys = KeySchema(hash: hash, range: range)
        self.init(
            name: name, id: id, uuid: uuid, created: Timestamp(milliseconds: created), keys: keys,
            attributes: attributes,
            indexes: try list.map { try Self.index($0, tableKeys: keys, table: name) },
            throughput: Self.throughput(json["throughput"]), tableClass: json["tableClass"]?.string,
            isProtected: json["isProtected"]?.bool ?? false, timeToLive: json["timeToLive"]?.string,
            stream: Self.stream(json["stream"]), recovery: Self.recovery(json["recovery"]),
            copies: json["copies"]?.array?.compactMap { $0.int.flatMap(UInt32.init(exactly:)) } ?? [],
            restore: Self.restore(json["restore"]), isCounted: json["isCounted"]?.bool ?? false)
    }

    private static func attributes(_ json: JSONValue?) -> [KeyAttribute]? {
        json?.array?.compactMap { element in
            guard let name = element["name"]?.string,
                let type = element["type"]?.string.flatMap(AttributeType.init(rawValue:))
            else { return nil }
            return KeyAttribute(name: name, type: type)
        }
    }

    private static func throughput(_ json: JSONValue?) -> Throughput? {
        guard let read = json?["read"]?.int, let write = json?["write"]?.int else { return nil }
        return Throughput(read: read, write: write)
    }

    private static func stream(_ json: JSONValue?) -> StreamSettings? {
        guard let viewType = json?["viewType"]?.string, let label = json?["label"]?.string else { return nil }
        return StreamSettings(viewType: viewType, label: label)
    }

    private static func recovery(_ json: JSONValue?) -> RecoverySettings? {
        guard let since = json?["since"]?.int64, let days = json?["days"]?.int else { return nil }
        return RecoverySettings(since: Timestamp(milliseconds: since), days: days)
    }

    private static func stored(_ restore: RestoreSummary) -> JSONValue {
        var object = JSONObject()
        if let backup = restore.backupARN { object.append("backup", .string(backup)) }
        object.append("table", .string(restore.tableARN))
        object.append("time", .number(JSONNumber(restore.time.milliseconds)))
        object.append("isInProgress", .bool(restore.isInProgress))
        return .object(object)
    }

    private static func restore(_ json: JSONValue?) -> RestoreSummary? {
        guard let table = json?["table"]?.string, let time = json?["time"]?.int64 else { return nil }
        return RestoreSummary(
            backupARN: json?["backup"]?.string, tableARN: table, time: Timestamp(milliseconds: time),
            isInProgress: json?["isInProgress"]?.bool ?? false)
    }

    private static func index(_ json: JSONValue, tableKeys: KeySchema, table: String) throws -> TableIndex {
        guard let kind = json["kind"]?.string.flatMap(TableIndex.Kind.init(rawValue:)),
            let name = json["name"]?.string, let id = json["id"]?.int.flatMap(UInt32.init(exactly:)),
            let hash = attributes(json["hash"]), let range = attributes(json["range"]),
            let projection = json["projection"]?.string.flatMap(ProjectionType.init(rawValue:))
        else { throw DefinitionError(table: table) }
        return TableIndex(
            kind: kind, name: name, id: id, keys: KeySchema(hash: hash, range: range), tableKeys: tableKeys,
            projection: projection,
            nonKeyAttributes: json["nonKeyAttributes"]?.array?.compactMap(\.string) ?? [],
            throughput: throughput(json["throughput"]))
    }
}
