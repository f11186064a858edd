import Clock
import JSON

/// How the AWS API shows a backup.
extension Backup {
    var status: String { isComplete ? "AVAILABLE" : "CREATING" }

    /// `BackupDetails`.
    func details(status: String) -> JSONValue {
        [
            "BackupArn": .string(arn), "BackupName": .string(name),
            "BackupSizeBytes": .number(JSONNumber(statistics.bytes)), "BackupStatus": .string(status),
            "BackupType": "USER", "BackupCreationDateTime": created.json,
        ]
    }

    /// `BackupDescription`.
    func description(status: String, at location: TableLocation) throws -> JSONValue {
        let table = try definition()
        return [
            "BackupDetails": details(status: status),
            "SourceTableDetails": sourceDetails(table, at: location),
            "SourceTableFeatureDetails": Self.featureDetails(table, at: location),
        ]
    }

    /// `BackupSummary`.
    func summary(at location: TableLocation) throws -> JSONValue {
        let table = try definition()
        return [
            "TableName": .string(table.name), "TableId": .string(table.uuid),
            "TableArn": .string(location.arn(table.name)), "BackupArn": .string(arn),
            "BackupName": .string(name), "BackupCreationDateTime": created.json,
            "BackupStatus": .string(status), "BackupType": "USER",
            "BackupSizeBytes": .number(JSONNumber(statistics.bytes)),
        ]
    }

    private func sourceDetails(_ table: TableDefinition, at location: TableLocation) -> JSONValue {
        [
            "TableName": .string(table.name), "TableId": .string(table.uuid),
            "TableArn": .string(location.arn(table.name)),
            "TableSizeBytes": .number(JSONNumber(statistics.bytes)),
            "KeySchema": TableDefinition.json(table.keys),
            "TableCreationDateTime": table.created.json,
            "ProvisionedThroughput": TableDefinition.json(table.throughput),
            "ItemCount": .number(JSONNumber(statistics.items)),
            "BillingMode": table.throughput == nil ? "PAY_PER_REQUEST" : "PROVISIONED",
        ]
    }

    private static func featureDetails(_ table: TableDefinition, at location: TableLocation) -> JSONValue {
        var object = JSONObject()
        for kind in [TableIndex.Kind.local, .global] {
            let indexes = table.indexes.filter { $0.kind == kind }
            guard !indexes.isEmpty else { continue }
            object.append(
                kind.rawValue,
                .array(
                    indexes.map { index in
                        var member = JSONObject()
                        member.append("IndexName", .string(index.name))
                        member.append("KeySchema", TableDefinition.json(index.keys))
                        member.append(
                            "Projection", TableDefinition.json(index.projection, index.nonKeyAttributes))
                        if kind == .global {
                            member.append(
                                "ProvisionedThroughput", TableDefinition.json(index.throughput))
                        }
                        return .object(member)
                    }))
        }
        if let stream = table.stream {
            object.append(
                "StreamDescription",
                ["StreamEnabled": true, "StreamViewType": .string(stream.viewType)])
        }
        object.append(
            "TimeToLiveDescription",
            table.timeToLive.map { ["TimeToLiveStatus": "ENABLED", "AttributeName": .string($0)] }
                ?? ["TimeToLiveStatus": "DISABLED"])
        return .object(object)
    }
}

extension Timestamp {
    /// Seconds since the epoch with milliseconds, as the AWS API writes times.
    var json: JSONValue { .number(JSONNumber(Double(milliseconds) / 1000)) }
}
