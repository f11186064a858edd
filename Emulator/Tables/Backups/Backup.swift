import AWSProtocol
import Clock
import JSON
import Store

/// A backup as it is stored. Its items are a ``TableCopy``.
struct Backup: Sendable {
    /// Names the copy; from the counter of table ids.
    let id: UInt32
    let arn: String
    let name: String
    let created: Timestamp
    /// The table's stored definition at the instant of the backup.
    let table: JSONValue
    var statistics = TableStatistics()
    var isComplete = false

    private static let prefix = Array("dynamodb/backup/".utf8)

    private static func key(_ id: UInt32) -> [UInt8] { prefix + KeyEncoding.prefix(id) }

    func definition() throws -> TableDefinition { try TableDefinition(stored: table) }

    func write(in transaction: Transaction) {
        let json: JSONValue = [
            "id": .number(JSONNumber(Int(id))), "arn": .string(arn), "name": .string(name),
            "created": .number(JSONNumber(created.milliseconds)), "table": table,
            "items": .number(JSONNumber(statistics.items)), "bytes": .number(JSONNumber(statistics.bytes)),
            "isComplete": .bool(isComplete),
        ]
        transaction.put(.settings, Self.key(id), json.encoded())
    }

    func forget(in transaction: Transaction) { transaction.delete(.settings, Self.key(id)) }

    /// All backups, oldest first.
    static func all(_ source: some Reading) throws -> [Backup] {
        var found: [Backup] = []
        try source.scan(.settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { _, value in
            found.append(try Backup(stored: JSONValue.parse(value)))
            return true
        }
        return found
    }

    static func find(_ id: UInt32, _ source: some Reading) throws -> Backup? {
        try source.get(.settings, key(id)).map { try Backup(stored: JSONValue.parse($0)) }
    }

    /// - Throws: `BackupNotFoundException`.
    static func find(arn: String, _ source: some Reading) throws -> Backup {
        guard let found = try all(source).first(where: { $0.arn == arn }) else {
            throw TableErrors.backupNotFound(arn)
        }
        return found
    }

    private init(stored json: JSONValue) throws {
        guard let id = json["id"]?.int.flatMap(UInt32.init(exactly:)), let arn = json["arn"]?.string,
            let name = json["name"]?.string, let created = json["created"]?.int64,
            let table = json["table"], let items = json["items"]?.int, let bytes = json["bytes"]?.int
        else { throw StoreError.corrupt("a backup's record cannot be read") }
        self.init(
            id: id, arn: arn, name: name, created: Timestamp(milliseconds: created), table: table,
            statistics: TableStatistics(items: items, bytes: bytes),
            isComplete: json["isComplete"]?.bool ?? false)
    }

    init(
        id: UInt32, arn: String, name: String, created: Timestamp, table: JSONValue,
        statistics: TableStatistics = TableStatistics(), isComplete: Bool = false
    ) {
        self.id = id
        self.arn = arn
        self.name = name
        self.created = created
        self.table = table
        self.statistics = statistics
        self.isComplete = isComplete
    }
}

extension TableErrors {
    static func backupNotFound(_ arn: String) -> AWSError {
        AWSError(code: "BackupNotFoundException", message: "Backup not found: \(arn)")
    }

    /// For operations on backups, which name it otherwise than those on tables.
    static func backedUpTableNotFound(_ name: String) -> AWSError {
        AWSError(code: "TableNotFoundException", message: "Table not found: \(name)")
    }
}
