import Bytes
import Clock
import Store

/// Tells functions of stored events: each at least once, and it is removed only after its function has run, or
/// has failed as often as Lambda tries an asynchronous event (AWS Lambda Developer Guide, "Asynchronous
/// invocation"). Calls run beside this work, so that a slow function holds up neither other functions nor the
/// lifecycle.
struct EventDelivery: WorkSource {
    /// Events that are read at once, and how often in a row for one function before others have their turn.
    private static let (portion, portions) = (16, 64)

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        if core.deliveries.isFirstLook() { try listenIfConfigured(core) }
        var isMore = false
        for function in try functions(core) where try advance(function, core) { isMore = true }
        // Calls that end, and the clock, wake this work again.
        return isMore
    }

    /// - Returns: whether more could go out at once.
    private static func advance(_ function: String, _ core: ObjectsCore) throws -> Bool {
        for _ in 0..<portions {
            let now = core.clock.now
            guard let wish = core.deliveries.wish(function, now: now) else { return false }
            let found = try read(wish, function, core)
            core.deliveries.forget(found.missing, function)
            let (deliveries, isThrough) = core.deliveries.take(
                function, ready: found.ready, new: found.new, now: now)
            for delivery in deliveries { Task { await deliver(delivery, core) } }
            // What was passed over leaves room for what is behind it.
            guard isThrough, found.new.count == portion else { return false }
        }
        return true
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

    private struct Found {
        var ready: [ObjectEvent] = []
        /// Of those that were known, the ones that nobody can be told of.
        var missing: [UInt64] = []
        var new: [(order: UInt64, event: ObjectEvent?)] = []
    }

    private static func read(_ wish: DeliveryDesk.Wish, _ function: String, _ core: ObjectsCore) throws
        -> Found
    {
        var found = Found()
        try core.store.read { snapshot in
            for order in wish.ready {
                let key = StorageKeys.event(function, order)
                if let event = try snapshot.get(.objects, key).flatMap({ event($0, key, function, core) }) {
                    found.ready.append(event)
                } else {
                    found.missing.append(order)
                }
            }
            guard let next = wish.next else { return }
            let end = StorageKeys.successor(of: StorageKeys.eventPrefix(function))
            try snapshot.scan(.objects, from: StorageKeys.event(function, next), to: end, reverse: false) {
                key, value in
                let order = ByteOrder.read(UInt64.self, from: key, at: key.count - 8) ?? next
                found.new.append((order, event(value, key, function, core)))
                return found.new.count < portion
            }
        }
        return found
    }

    /// Nil for one that cannot be read, which must not keep those behind it from being told.
    private static func event(
        _ bytes: [UInt8], _ key: [UInt8], _ function: String, _ core: ObjectsCore
    ) -> ObjectEvent? {
        let event = try? ObjectEvent(decoding: bytes)
        if event == nil { core.unreadable.report(key, "A stored event for function '\(function)'") }
        return event
    }

    private static func deliver(_ taken: DeliveryDesk.Delivery, _ core: ObjectsCore) async {
        var delivery = taken
        if let queue = core.functions.queue, core.functions.exists(delivery.function) {
            return await handOver(delivery, to: queue, core)
        }
        // Whatever became of the bucket and its rules: it was asked for when it happened.
        let outcome = await core.functions.invoke(
            delivery.function, EventMessage.encode(delivery.event, core.configuration),
            delivery.attempts.requestID)
        let verdict = core.deliveries.judge(&delivery, outcome, now: core.clock.now)
        let event = delivery.event
        let stored = StorageKeys.event(delivery.function, event.order)
        switch verdict {
        case nil, .wait: return
        case .tryAgain(let time):
            // Not stored when this fails: then it only may be tried once more after a restart.
            let attempts = delivery.attempts
            _ = try? await core.store.commit { transaction in
                guard try transaction.get(.objects, stored) != nil else { return }
                var event = event
                event.retry = ObjectEvent.Retry(
                    requestID: attempts.requestID, failures: attempts.failures, time: time)
                transaction.put(.objects, stored, event.encoded())
            }
            core.deliveries.settled(delivery, again: time)
            // There is room for another one.
            return core.work.wake(core)
        case .giveUp(let reason):
            core.log(
                "Event \(event.name) of \(event.bucket)/\(String(utf8: event.key)) was not delivered to function "
                    + "'\(delivery.function)': \(reason).")
        case .remove: break
        }
        do {
            try await core.store.commit { $0.delete(.objects, stored) }
            core.deliveries.settled(delivery)
        } catch {
            // Still stored, so it is told once more: that is what "at least once" allows.
            core.deliveries.settled(delivery, again: core.clock.now + 1_000)
        }
        core.work.wake(core)
    }

    /// In one commit the event leaves this service and waits there: it is neither lost nor told twice.
    private static func handOver(
        _ taken: DeliveryDesk.Delivery, to queue: EventQueue, _ core: ObjectsCore
    ) async {
        var delivery = taken
        guard core.deliveries.judge(&delivery, .done, now: core.clock.now) != nil else { return }
        let (function, requestID) = (delivery.function, delivery.attempts.requestID)
        let stored = StorageKeys.event(function, delivery.event.order)
        let payload = EventMessage.encode(delivery.event, core.configuration)
        do {
            try await core.store.commit { transaction in
                guard try transaction.get(.objects, stored) != nil else { return }
                transaction.delete(.objects, stored)
                try queue.put(function, payload, requestID, transaction)
            }
            core.deliveries.settled(delivery)
            queue.wake(function)
        } catch {
            core.deliveries.settled(delivery, again: core.clock.now + 1_000)
        }
        core.work.wake(core)
    }
}
