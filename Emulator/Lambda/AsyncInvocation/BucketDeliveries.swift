import Clock
import Net
import Store

/// Puts stored records into their buckets, one after the other. One that cannot be put is tried again, ever more
/// slowly, for six hours.
@EventLoop final class BucketDeliveries {
    private static let patience: Int64 = 6 * 3_600_000
    private static let longestPause: Int64 = 300_000
    private static let longestSleep: Int64 = 1_000

    unowned let service: LambdaService
    private var state: LambdaState?
    private var epoch = 0
    private var task: Task<Void, Never>?
    private var isWanted = false
    private var timer: LoopTimer?

    init(service: LambdaService) { self.service = service }

    func open(_ state: LambdaState) {
        self.state = state
        epoch += 1
        wake()
    }

    /// Waits for the record under way.
    func pause() async {
        state = nil
        timer?.cancel()
        timer = nil
        await task?.value
    }

    func wake() {
        isWanted = true
        guard task == nil, state != nil else { return }
        task = Task { @EventLoop in
            while self.isWanted {
                self.isWanted = false
                while let store = self.state?.store, await self.advance(store) {}
            }
            self.task = nil
        }
    }

    /// - Returns: whether there may be another one that is due.
    private func advance(_ store: Store) async -> Bool {
        let now = service.clock.now
        var found: (key: [UInt8], bytes: [UInt8])?
        var next: Timestamp?
        do {
            try store.read { snapshot in
                let prefix = QueueKeys.allRecords
                try snapshot.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, value in
                    // None waits longer than a pause, unless the clock was set back.
                    if let due = QueueKeys.due(key), due > now, due - now <= Self.longestPause {
                        next = due
                    } else {
                        found = (key, value)
                    }
                    return false
                }
            }
            guard let (key, bytes) = found else {
                if let next { sleep(until: next, now) }
                return false
            }
            try await deliver(key, bytes, store)
            return true
        } catch {
            service.asyncEvents.log("A record of an invocation could not be delivered: \(error).")
            sleep(until: now + Self.longestSleep, now)
            return false
        }
    }

    private func sleep(until time: Timestamp, _ now: Timestamp) {
        timer?.cancel()
        timer = LoopTimer(afterMilliseconds: Int(min(Self.longestSleep, max(1, time - now)))) { [weak self] in
            self?.timer = nil
            self?.wake()
        }
    }

    private func deliver(_ key: [UInt8], _ bytes: [UInt8], _ store: Store) async throws {
        var record: BucketDelivery
        do throws(StoreError) {
            record = try BucketDelivery(decoding: bytes)
        } catch {
            // It must not hold up those behind it.
            service.asyncEvents.log("A record of an invocation was dropped: \(error).")
            return try await store.commit { $0.delete(.queue, key) }
        }
        let now = service.clock.now
        do {
            try await service.eventNeighbours.putObject(record.bucket, record.key, record.body)
        } catch {
            record.failures += 1
            guard now - record.first < Self.patience else {
                service.asyncEvents.log(
                    "A record of an invocation was not delivered to bucket '\(record.bucket)': \(error).")
                return try await store.commit { $0.delete(.queue, key) }
            }
            let again = record
            let pause = min(Self.longestPause, 1_000 << Int64(min(record.failures - 1, 10)))
            return try await store.commit {
                $0.delete(.queue, key)
                again.write(due: now + pause, in: $0)
            }
        }
        try await store.commit { $0.delete(.queue, key) }
    }
}
