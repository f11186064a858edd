import Clock
import Expressions
import JSON
import Store

/// A table being made from a copy of another one's items. Until it is done nobody reads or writes the table.
struct TableRestore: Sendable {
    enum Phase: String, Sendable {
        /// The source's items are being copied; point-in-time recovery only.
        case copying
        /// Changes later than the wanted time are taken back in the copy.
        case undoing
        /// The table and its indexes are filled from the copy.
        case filling
    }

    /// Name and id of the table to be filled.
    let table: String
    let id: UInt32
    /// The copy it is filled from.
    let copy: UInt32
    /// Point-in-time recovery: the source table's id, and the time whose state is wanted.
    let source: UInt32?
    let until: Timestamp?
    /// Whether the copy was made for this and goes afterwards.
    var ownsCopy: Bool { source != nil }
    var phase: Phase
    /// The newest change to take back.
    var change: Int64 = 0
    /// Where in the copy filling goes on; nil at its beginning.
    var cursor: [UInt8]?

    private static let prefix = Array("dynamodb/restore/".utf8)

    private static func key(_ id: UInt32) -> [UInt8] { prefix + KeyEncoding.prefix(id) }

    func write(in transaction: Transaction) {
        var object = JSONObject()
        object.append("table", .string(table))
        object.append("id", .number(JSONNumber(Int(id))))
        object.append("copy", .number(JSONNumber(Int(copy))))
        if let source { object.append("source", .number(JSONNumber(Int(source)))) }
        if let until { object.append("until", .number(JSONNumber(until.milliseconds))) }
        object.append("phase", .string(phase.rawValue))
        object.append("change", .number(JSONNumber(change)))
        if let cursor { object.append("cursor", .array(cursor.map { .number(JSONNumber(Int($0))) })) }
        transaction.put(.settings, Self.key(id), JSONValue.object(object).encoded())
    }

    func forget(in transaction: Transaction) { transaction.delete(.settings, Self.key(id)) }

    static func all(_ source: some Reading) throws -> [TableRestore] {
        var found: [TableRestore] = []
        try source.scan(.settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { _, value in
            found.append(try TableRestore(stored: JSONValue.parse(value)))
            return true
        }
        return found
    }

    /// Tables whose change logs are still needed.
    static func sources(_ source: some Reading) throws -> Set<UInt32> {
        Set(try all(source).filter { $0.phase != .filling }.compactMap(\.source))
    }

    static func find(copy: UInt32, _ source: some Reading) throws -> TableRestore? {
        try all(source).first { $0.copy == copy && $0.phase == .copying }
    }

    /// The restore that fills the table with this id.
    static func find(_ id: UInt32, _ source: some Reading) throws -> TableRestore? {
        try source.get(.settings, key(id)).map { try TableRestore(stored: JSONValue.parse($0)) }
    }

    private init(stored json: JSONValue) throws {
        func id(_ member: String) -> UInt32? { json[member]?.int.flatMap(UInt32.init(exactly:)) }
        guard let table = json["table"]?.string, let own = id("id"), let copy = id("copy"),
            let phase = json["phase"]?.string.flatMap(Phase.init(rawValue:)),
            let change = json["change"]?.int64
        else { throw StoreError.corrupt("the record of a table's restore cannot be read") }
        self.init(
            table: table, id: own, copy: copy, source: id("source"),
            until: json["until"]?.int64.map { Timestamp(milliseconds: $0) }, phase: phase, change: change,
            cursor: json["cursor"]?.array?.compactMap { $0.int.flatMap(UInt8.init(exactly:)) })
    }

    init(
        table: String, id: UInt32, copy: UInt32, source: UInt32? = nil, until: Timestamp? = nil, phase: Phase,
        change: Int64 = 0, cursor: [UInt8]? = nil
    ) {
        self.table = table
        self.id = id
        self.copy = copy
        self.source = source
        self.until = until
        self.phase = phase
        self.change = change
        self.cursor = cursor
    }

    // MARK: the next portion, one commit each

    /// - Parameter known: the table to be filled, as the catalog knows it.
    /// - Returns: whether the restore can go on at once.
    func advance(_ known: Table?, in transaction: Transaction) throws -> Bool {
        switch phase {
        case .copying: return false
        case .undoing: try undo(in: transaction)
        case .filling: try fill(known, in: transaction)
        }
        return true
    }

    /// Takes changes back, the newest first, until one is not later than the wanted time.
    private func undo(in transaction: Transaction) throws {
        guard let source, let until else { throw StoreError.corrupt("a restore has no time") }
        var later: [(number: Int64, record: ChangeRecord)] = []
        var (isDone, bytes) = (true, 0)
        var hasEarlier = false
        try transaction.scan(
            .changes, from: ChangeLog.key(source, 1), to: ChangeLog.key(source, change + 1), reverse: true
        ) { key, value in
            let record = try ChangeRecord(decoding: value)
            let number = ChangeLog.number(ofKey: key)
            guard number == change - Int64(later.count) else { throw Self.trimmed(table) }
            guard record.time > until else {
                hasEarlier = true
                return false
            }
            later.append((number, record))
            bytes += value.count
            isDone = later.count < TableCopy.portion && bytes < TableCopy.portionBytes
            return isDone
        }
        // What was trimmed is older than any time that can be asked for; nothing else may be missing.
        if isDone, !hasEarlier {
            let kept = change - Int64(later.count)
            guard try LogState.read(source, transaction).trimmed >= kept else { throw Self.trimmed(table) }
        }
        for (_, record) in later {
            let place = TableCopy.key(copy, ofItem: record.key)
            if let old = record.old {
                transaction.put(.copies, place, old.encoded())
            } else {
                transaction.delete(.copies, place)
            }
        }
        var next = self
        if isDone {
            next.phase = .filling
        } else {
            next.change = (later.last?.number ?? 1) - 1
        }
        next.write(in: transaction)
    }

    private static func trimmed(_ table: String) -> StoreError {
        .corrupt("the change log that table \(table) is restored from has lost records")
    }

    /// The table to be filled by its newest definition, but with the life that requests know.
    private func target(_ known: Table?, _ transaction: Transaction) throws -> Table? {
        guard let definition = try Catalog.read(table, in: transaction), definition.id == id else {
            return nil
        }
        return known?.id == id ? known.map { Table(definition, life: $0.life) } : Catalog.start(definition)
    }

    private func fill(_ known: Table?, in transaction: Transaction) throws {
        guard let target = try target(known, transaction) else { return try finish(nil, in: transaction) }
        let end = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(copy))
        var (found, bytes) = ([(key: [UInt8], value: [UInt8])](), 0)
        try transaction.scan(.copies, from: cursor ?? KeyEncoding.prefix(copy), to: end) { key, value in
            found.append((key, value))
            bytes += value.count
            return found.count < TableCopy.portion && bytes < TableCopy.portionBytes
        }
        for (place, value) in found {
            let key = KeyEncoding.prefix(id) + place[KeyEncoding.hashOffset...]
            _ = try ItemWriter.replace(
                ItemWriter.read(transaction, key), with: Item(decoding: value), key: key, in: target,
                transaction)
        }
        if let last = found.last, found.count == TableCopy.portion || bytes >= TableCopy.portionBytes {
            var next = self
            next.cursor = last.key + [0]
            return next.write(in: transaction)
        }
        try finish(target, in: transaction)
    }

    private func finish(_ target: Table?, in transaction: Transaction) throws {
        forget(in: transaction)
        if ownsCopy { try TableCopy.drop(copy, in: transaction) }
        guard let target else { return }
        Catalog.write(target.with { $0.restore?.isInProgress = false }, in: transaction)
    }
}

/// `RestoreSummary` of a table.
struct RestoreSummary: Sendable, Equatable {
    /// Nil for point-in-time recovery.
    let backupARN: String?
    let tableARN: String
    /// The time whose state was restored.
    let time: Timestamp
    var isInProgress = true
}
