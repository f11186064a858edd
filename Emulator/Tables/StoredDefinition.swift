import Clock
import Expressions
import JSON

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
        if let throughput { object.append("throughput", throughput.stored) }
        if let tableClass { object.append("tableClass", .string(tableClass)) }
        object.append("isProtected", .bool(isProtected))
        if let timeToLive { object.append("timeToLive", .string(timeToLive)) }
        if let stream {
            object.append("stream", ["viewType": .string(stream.viewType), "label": .string(stream.label)])
        }
        if let latestStream { object.append("latestStream", .string(latestStream)) }
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
        object.append("settings", settings.stored)
        object.append("indexes", .array(indexes.map(Self.stored)))
        return .object(object)
    }

    private static func stored(_ attributes: [KeyAttribute]) -> JSONValue {
        .array(attributes.map { ["name": .string($0.name), "type": .string($0.type.rawValue)] })
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
        if let throughput = index.throughput { object.append("throughput", throughput.stored) }
        if index.isBackfilling { object.append("isBackfilling", true) }
        object.append("settings", index.settings.stored)
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
            throughput: Throughput(stored: json["throughput"]), tableClass: json["tableClass"]?.string,
            isProtected: json["isProtected"]?.bool ?? false, timeToLive: json["timeToLive"]?.string,
            stream: Self.stream(json["stream"]), latestStream: json["latestStream"]?.string,
            recovery: Self.recovery(json["recovery"]),
            copies: json["copies"]?.array?.compactMap { $0.int.flatMap(UInt32.init(exactly:)) } ?? [],
            restore: Self.restore(json["restore"]), isCounted: json["isCounted"]?.bool ?? false,
            settings: TableSettings(stored: json["settings"]))
        // Before there were settings a table kept the billing mode that it was made with.
        if json["settings"] == nil, throughput == nil { settings.payPerRequestSince = self.created }
    }

    private static func attributes(_ json: JSONValue?) -> [KeyAttribute]? {
        json?.array?.compactMap { element in
            guard let name = element["name"]?.string,
                let type = element["type"]?.string.flatMap(AttributeType.init(rawValue:))
            else { return nil }
            return KeyAttribute(name: name, type: type)
        }
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
        var index = TableIndex(
            kind: kind, name: name, id: id, keys: KeySchema(hash: hash, range: range), tableKeys: tableKeys,
            projection: projection,
            nonKeyAttributes: json["nonKeyAttributes"]?.array?.compactMap(\.string) ?? [],
            throughput: Throughput(stored: json["throughput"]))
        index.isBackfilling = json["isBackfilling"]?.bool ?? false
        index.settings = IndexSettings(stored: json["settings"])
        return index
    }
}
