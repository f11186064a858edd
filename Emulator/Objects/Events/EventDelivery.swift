import Bytes
import Store

/// Hands stored events over to the queue from which functions get them, in the order in which they happened. In one
/// commit an event leaves this service and waits there: it is neither lost nor told twice.
struct EventDelivery: WorkSource {
    /// Events of one function in one commit.
    private static let portion = 64

    private struct Item: Sendable {
        let key: [UInt8]
        let event: ObjectEvent
        let payload: [UInt8]
        let requestID: String
    }

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        if core.deliveries.isFirstLook() { try listenIfConfigured(core) }
        var isMore = false
        for function in try functions(core) {
            let items = try next(function, core)
            guard !items.isEmpty else { continue }
            if core.functions.exists(function) {
                try await handOver(items, to: function, core)
            } else {
                try await forget(items, of: function, core)
            }
            if items.count == portion { isMore = true }
        }
        return isMore
    }

    private static func listenIfConfigured(_ core: ObjectsCore) throws {
        try core.store.read { snapshot in
            let buckets = StorageKeys.allBuckets
            try snapshot.scan(.objects, from: buckets.from, to: buckets.to, reverse: false) { key, value in
                guard let bucket = try? BucketRecord(decoding: value) else {
                    core.unreadable.report(key, "The bucket '\(StorageKeys.bucketName(key))'")
                    return true
                }
                guard bucket.documents[.notification] != nil else { return true }
                core.deliveries.listen()
                return false
            }
        }
    }

    /// Those that have events to be told of.
    private static func functions(_ core: ObjectsCore) throws -> [String] {
        try core.store.read { snapshot in
            var names: [String] = []
            var from: [UInt8]? = StorageKeys.allEvents.from
            while let start = from {
                from = nil
                try snapshot.scan(.objects, from: start, to: StorageKeys.allEvents.to, reverse: false) {
                    key, _ in
                    let name = StorageKeys.function(ofEvent: key)
                    names.append(name)
                    from = StorageKeys.successor(of: StorageKeys.eventPrefix(name))
                    return false
                }
            }
            return names
        }
    }

    /// The oldest events of a function. One that cannot be read stays, and does not keep those behind it.
    private static func next(_ function: String, _ core: ObjectsCore) throws -> [Item] {
        try core.store.read { snapshot in
            var items: [Item] = []
            let prefix = StorageKeys.eventPrefix(function)
            let end = StorageKeys.successor(of: prefix)
            try snapshot.scan(.objects, from: prefix, to: end, reverse: false) { key, value in
                guard let event = try? ObjectEvent(decoding: value) else {
                    core.unreadable.report(key, "A stored event for function '\(function)'")
                    return true
                }
                items.append(
                    Item(
                        key: key, event: event, payload: EventMessage.encode(event, core.configuration),
                        // Events that were tried by an earlier version keep the id that they had.
                        requestID: event.retry?.requestID ?? UUID4.make()))
                return items.count < portion
            }
            return items
        }
    }

    private static func handOver(_ items: [Item], to function: String, _ core: ObjectsCore) async throws {
        let queue = core.functions
        try await core.store.commit { transaction in
            for item in items where try transaction.get(.objects, item.key) != nil {
                transaction.delete(.objects, item.key)
                try queue.put(function, item.payload, item.requestID, transaction)
            }
        }
        queue.wake(function)
    }

    private static func forget(_ items: [Item], of function: String, _ core: ObjectsCore) async throws {
        try await core.store.commit { for item in items { $0.delete(.objects, item.key) } }
        for event in items.map(\.event) {
            core.log(
                "Event \(event.name) of \(event.bucket)/\(String(utf8: event.key)) was not delivered to function "
                    + "'\(function)': there is no such function.")
        }
    }
}
