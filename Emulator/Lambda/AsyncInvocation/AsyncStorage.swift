import Bytes
import Clock
import Store

/// Events in the store. Their number and their bytes are counted in the same commit.
enum AsyncStorage {
    /// More events wait than may.
    struct Full: Error {
        let reason: String
    }

    /// What may wait, so that a flood cannot fill the disk.
    struct Limits: Sendable {
        var events: Int64 = 2_000_000
        var bytes: Int64 = 8 << 30
    }

    /// - Throws: `Full`
    static func checkRoom(_ limits: Limits, in transaction: Transaction) throws {
        let (events, bytes) = (
            try transaction.counter(QueueKeys.eventCount), try transaction.counter(QueueKeys.eventBytes)
        )
        if events >= limits.events {
            throw Full(reason: "\(events) asynchronous events wait, and no more than \(limits.events) may")
        }
        if bytes >= limits.bytes {
            throw Full(
                reason:
                    "asynchronous events of \(bytes) bytes wait, and no more than \(limits.bytes) bytes may")
        }
    }

    /// - Returns: the key of the event.
    @discardableResult
    static func put(_ event: AsyncEvent, due: Timestamp, in transaction: Transaction) throws -> [UInt8] {
        let key = QueueKeys.waiting(
            QueueKeys.events(event.function), due: due, order: transaction.nextSequence())
        let bytes = event.encoded()
        transaction.put(.queue, key, bytes)
        try transaction.count(QueueKeys.eventCount, by: 1)
        try transaction.count(QueueKeys.eventBytes, by: Int64(bytes.count))
        return key
    }

    /// - Returns: false when there is no such event any more.
    static func remove(_ key: [UInt8], in transaction: Transaction) throws -> Bool {
        guard let bytes = try transaction.get(.queue, key) else { return false }
        transaction.delete(.queue, key)
        try transaction.count(QueueKeys.eventCount, by: -1)
        try transaction.count(QueueKeys.eventBytes, by: -Int64(bytes.count))
        return true
    }

    /// The functions that have events. Jumps from one to the next, however many there are of each.
    static func functions(_ source: some Reading) throws -> [String] {
        var names: [String] = []
        var from: [UInt8]? = QueueKeys.allEvents
        let end = QueueKeys.end(QueueKeys.allEvents)
        while let start = from {
            from = nil
            try source.scan(.queue, from: start, to: end) { key, _ in
                if let name = QueueKeys.line(of: key) {
                    names.append(name)
                    from = QueueKeys.end(QueueKeys.events(name))
                } else {
                    from = key + [0]
                }
                return false
            }
        }
        return names
    }

    // MARK: - Functions that were deleted

    /// A function is deleted: what is configured for its events goes at once, and the events that wait now are marked.
    /// They may be many; `drop` removes them, and whoever opens the store later goes on with that.
    static func forget(_ function: String, in transaction: Transaction) throws {
        let configs = QueueKeys.invokeConfigs(function)
        try transaction.deleteRange(.functions, from: configs, to: QueueKeys.end(configs))
        let events = QueueKeys.events(function)
        var isAny = false
        try transaction.scan(.queue, from: events, to: QueueKeys.end(events)) { _, _ in
            isAny = true
            return false
        }
        guard isAny else { return }
        transaction.put(.queue, QueueKeys.drop(function), ByteOrder.bytes(transaction.nextSequence()))
    }

    /// Functions whose events are still to go, with the number that those to be kept begin with.
    static func drops(_ source: some Reading) throws -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        let prefix = QueueKeys.allDrops
        try source.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, value in
            found[QueueKeys.name(key)] = ByteOrder.read(UInt64.self, from: value)
            return true
        }
        return found
    }

    static func limit(ofDrop function: String, _ source: some Reading) throws -> UInt64? {
        try source.get(.queue, QueueKeys.drop(function)).flatMap { ByteOrder.read(UInt64.self, from: $0) }
    }

    /// Looks at a portion of a function's events; those from before the function was deleted go. With the last portion
    /// the mark goes too, unless the function was deleted once more meanwhile.
    /// - Returns: where to go on; nil at the end.
    static func drop(
        _ function: String, before limit: UInt64, from start: [UInt8], portion: Int,
        in transaction: Transaction
    ) throws -> [UInt8]? {
        var seen = 0
        var last = start
        var old: [[UInt8]] = []
        try transaction.scan(.queue, from: start, to: QueueKeys.end(QueueKeys.events(function))) { key, _ in
            seen += 1
            last = key
            if let order = QueueKeys.order(key), order < limit { old.append(key) }
            return seen < portion
        }
        for key in old { _ = try remove(key, in: transaction) }
        if seen == portion { return last + [0] }
        if try self.limit(ofDrop: function, transaction) == limit {
            transaction.delete(.queue, QueueKeys.drop(function))
        }
        return nil
    }

    /// Whether the function of an event was deleted after the event was stored.
    static func isDropped(_ key: [UInt8], of function: String, in transaction: Transaction) throws -> Bool {
        guard let limit = try limit(ofDrop: function, transaction), let order = QueueKeys.order(key) else {
            return false
        }
        return order < limit
    }
}
