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

    /// A portion of a function's events goes, whatever they say; for a function that was deleted.
    /// - Returns: whether more are left.
    static func drop(_ function: String, portion: Int, in transaction: Transaction) throws -> Bool {
        var keys: [[UInt8]] = []
        let prefix = QueueKeys.events(function)
        try transaction.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, _ in
            keys.append(key)
            return keys.count < portion
        }
        for key in keys { _ = try remove(key, in: transaction) }
        return keys.count == portion
    }
}
