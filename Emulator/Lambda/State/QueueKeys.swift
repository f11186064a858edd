import Bytes
import Clock

/// Keys of what waits, in `Keyspace.queue`, and of what is configured for it, in `Keyspace.functions`. What waits
/// lies in the order in which it is due, so reading from the front finds what is next, however much waits behind.
enum QueueKeys {
    private enum Kind {
        // In `Keyspace.queue`.
        static let event = UInt8(ascii: "e")
        static let record = UInt8(ascii: "d")
        static let message = UInt8(ascii: "q")
        static let drop = UInt8(ascii: "x")
        // In `Keyspace.functions`.
        static let invokeConfig = UInt8(ascii: "i")
        static let mapping = UInt8(ascii: "m")
        static let checkpoint = UInt8(ascii: "c")
        static let schedule = UInt8(ascii: "s")
        static let queue = UInt8(ascii: "q")
    }

    /// Counters of the store: events that wait, and their bytes.
    static let eventCount: UInt64 = 0x6C61_6D62_6461_0000
    static let eventBytes: UInt64 = 0x6C61_6D62_6461_0001

    // MARK: - What waits

    static let allEvents: [UInt8] = [Kind.event]
    /// Records on their way to a bucket.
    static let allRecords: [UInt8] = [Kind.record]
    static let allMessages: [UInt8] = [Kind.message]

    /// Events of one function.
    static func events(_ function: String) -> [UInt8] { [Kind.event] + Array(function.utf8) + [0] }
    static func messages(_ queue: String) -> [UInt8] { [Kind.message] + Array(queue.utf8) + [0] }

    static let allDrops: [UInt8] = [Kind.drop]
    /// Says that the events of a deleted function go, those with a lower number than the one that lies here.
    static func drop(_ function: String) -> [UInt8] { allDrops + Array(function.utf8) }

    /// - Parameter order: of things that are due at the same time.
    static func waiting(_ line: [UInt8], due: Timestamp, order: UInt64) -> [UInt8] {
        line + ByteOrder.bytes(UInt64(max(0, due.milliseconds))) + ByteOrder.bytes(order)
    }

    static func due(_ key: [UInt8]) -> Timestamp? {
        ByteOrder.read(UInt64.self, from: key, at: key.count - 16)
            .map { Timestamp(milliseconds: Int64(clamping: $0)) }
    }

    /// The number that the store gave what waits; those that came later have higher ones.
    static func order(_ key: [UInt8]) -> UInt64? { ByteOrder.read(UInt64.self, from: key, at: key.count - 8) }

    /// The function, or the queue, in whose line a key is.
    static func line(of key: [UInt8]) -> String? {
        guard key.count >= 18, key[key.count - 17] == 0 else { return nil }
        return String(decoding: key[1..<(key.count - 17)], as: UTF8.self)
    }

    // MARK: - What is configured

    static let allMappings: [UInt8] = [Kind.mapping]
    static let allCheckpoints: [UInt8] = [Kind.checkpoint]
    static let allInvokeConfigs: [UInt8] = [Kind.invokeConfig]
    static let allQueues: [UInt8] = [Kind.queue]
    static let allSchedules: [UInt8] = [Kind.schedule]

    static func invokeConfigs(_ function: String) -> [UInt8] {
        [Kind.invokeConfig] + Array(function.utf8) + [0]
    }
    static func invokeConfig(_ function: String, _ qualifier: String) -> [UInt8] {
        invokeConfigs(function) + Array(qualifier.utf8)
    }
    static func mapping(_ uuid: String) -> [UInt8] { allMappings + Array(uuid.utf8) }
    static func checkpoint(_ uuid: String) -> [UInt8] { allCheckpoints + Array(uuid.utf8) }
    static func schedule(_ name: String) -> [UInt8] { allSchedules + Array(name.utf8) }
    static func queue(_ name: String) -> [UInt8] { allQueues + Array(name.utf8) }

    /// What stands behind the first byte.
    static func name(_ key: [UInt8]) -> String { String(decoding: key.dropFirst(), as: UTF8.self) }

    /// The first key behind all that begin with `prefix`.
    static func end(_ prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            if last < .max { return end + [last + 1] }
        }
        return [.max]
    }
}
