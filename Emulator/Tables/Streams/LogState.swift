import Store

/// How far a table's change log has been trimmed. It is stored with the log's first record and stays until the
/// log is gone, so it also says which logs there are.
struct LogState: Sendable, Equatable {
    /// Number of the last record that is gone; 0 while all are there.
    var trimmed: Int64 = 0
    /// Number of the last record too old to be read through a stream. Point-in-time recovery keeps records
    /// beyond that.
    var horizon: Int64 = 0

    static let keyPrefix = Array("dynamodb/log/".utf8)

    static func key(_ table: UInt32) -> [UInt8] { keyPrefix + KeyEncoding.prefix(table) }

    /// - Throws: `StoreError` when it is damaged.
    static func read(_ table: UInt32, _ source: some Reading) throws -> LogState {
        try source.get(.settings, key(table)).map { try LogState(decoding: $0) } ?? LogState()
    }

    func write(_ table: UInt32, in transaction: Transaction) {
        var bytes: [UInt8] = []
        KeyEncoding.append(UInt64(trimmed), to: &bytes)
        KeyEncoding.append(UInt64(horizon), to: &bytes)
        transaction.put(.settings, Self.key(table), bytes)
    }

    /// All logs, by the ids of their tables.
    static func all(_ source: some Reading) throws -> [(table: UInt32, state: LogState)] {
        var found: [(table: UInt32, state: LogState)] = []
        try source.scan(.settings, from: keyPrefix, to: KeyEncoding.successor(ofPrefix: keyPrefix)) {
            guard $0.count == keyPrefix.count + 4 else {
                throw StoreError.corrupt("the state of a change log has a malformed key")
            }
            let table = $0.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
            found.append((table, try LogState(decoding: $1)))
            return true
        }
        return found
    }

    init(trimmed: Int64 = 0, horizon: Int64 = 0) {
        self.trimmed = trimmed
        self.horizon = horizon
    }

    init(decoding bytes: [UInt8]) throws {
        guard bytes.count == 16 else { throw StoreError.corrupt("the state of a change log cannot be read") }
        trimmed = bytes[..<8].reduce(0) { $0 << 8 | Int64($1) }
        horizon = bytes[8...].reduce(0) { $0 << 8 | Int64($1) }
    }
}
