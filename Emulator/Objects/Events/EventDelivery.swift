import Bytes
import Store

/// Tells functions of stored events: each at least once, and it is removed only after its function has run, or
/// has failed as often as Lambda tries an asynchronous event (AWS Lambda Developer Guide, "Asynchronous
/// invocation"). Calls run beside this work, so that a slow function holds up neither other functions nor the
/// lifecycle.
struct EventDelivery: WorkSource {
    /// Of a function's waiting events so many are looked at, oldest first.
    private static let window = 1_000

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        if core.deliveries.isFirstLook() { try listenIfConfigured(core) }
        core.deliveries.beginRound()
        for function in try functions(core) {
            let events = try oldest(of: function, core)
            for delivery in core.deliveries.take(events, function, now: core.clock.now) {
                Task { await deliver(delivery, core) }
            }
        }
        // Calls that end, and the clock, wake this work again.
        return false
    }

    private static func listenIfConfigured(_ core: ObjectsCore) throws {
        try core.store.read { snapshot in
            let buckets = StorageKeys.allBuckets
            try snapshot.scan(.objects, from: buckets.from, to: buckets.to, reverse: false) { _, value in
                guard try BucketRecord(decoding: value).documents[.notification] != nil else { return true }
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

    private static func oldest(of function: String, _ core: ObjectsCore) throws -> [ObjectEvent] {
        let prefix = StorageKeys.eventPrefix(function)
        var events: [ObjectEvent] = []
        try core.store.read { snapshot in
            try snapshot.scan(
                .objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false
            ) { _, value in
                events.append(try ObjectEvent(decoding: value))
                return events.count < window
            }
        }
        return events
    }

    private static func deliver(_ delivery: DeliveryDesk.Delivery, _ core: ObjectsCore) async {
        // Whatever became of the bucket and its rules: it was asked for when it happened.
        let outcome = await core.functions.invoke(
            delivery.function, EventMessage.encode(delivery.event, core.configuration), delivery.requestID)
        guard let verdict = core.deliveries.judge(delivery, outcome, now: core.clock.now) else { return }
        if verdict == .wait { return }
        if case .giveUp(let reason) = verdict {
            let event = delivery.event
            core.log(
                "Event \(event.name) of \(event.bucket)/\(String(utf8: event.key)) was not delivered to function "
                    + "'\(delivery.function)': \(reason).")
        }
        let stored = StorageKeys.event(delivery.function, delivery.event.order)
        // Left in the store when this fails, the event is told once more: that is what "at least once" allows.
        _ = try? await core.store.commit { $0.delete(.objects, stored) }
        core.deliveries.settled(delivery)
        core.work.wake(core)
    }
}
