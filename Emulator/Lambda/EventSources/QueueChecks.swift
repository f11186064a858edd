import Bytes
import Store

/// What `emulator verify` holds against what waits and what is configured for it.
extension LambdaState {
    /// The rules of asynchronous invocation and event sources.
    public static let checks: [StoreCheck] = [
        StoreCheck("queued-events") { try checkEvents($0, $1) },
        StoreCheck("queued-messages") { try checkMessages($0, $1) },
        StoreCheck("event-sources") { try checkMappings($0, $1) },
    ]

    /// Each event can be read, lies in the line of its function, and is counted.
    private static func checkEvents(_ snapshot: Snapshot, _ run: CheckRun) throws {
        var (count, bytes): (Int64, Int64) = (0, 0)
        let prefix = QueueKeys.allEvents
        try snapshot.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, value in
            run.count()
            count += 1
            bytes += Int64(value.count)
            guard let event = try? AsyncEvent(decoding: value) else {
                run.fault("an asynchronous event cannot be read")
                return true
            }
            if QueueKeys.line(of: key) != event.function {
                run.fault("event \(event.requestID) does not lie in the line of function '\(event.function)'")
            }
            return true
        }
        // Counters below are those of tables.
        try snapshot.scan(.counters, from: [0, 0, 1], to: nil) { key, _ in
            let id = ByteOrder.read(UInt64.self, from: key)
            if key.count != 8 || (id != QueueKeys.eventCount && id != QueueKeys.eventBytes) {
                run.fault("there is a counter that nothing is counted with")
            }
            return true
        }
        let counted = (try snapshot.counter(QueueKeys.eventCount), try snapshot.counter(QueueKeys.eventBytes))
        if counted != (count, bytes) {
            run.fault(
                "\(counted.0) asynchronous events of \(counted.1) bytes are counted, but \(count) of \(bytes) "
                    + "bytes wait")
        }
    }

    private static func checkMessages(_ snapshot: Snapshot, _ run: CheckRun) throws {
        for (prefix, name) in [(QueueKeys.allRecords, "record"), (QueueKeys.allMessages, "message")] {
            try snapshot.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { _, value in
                run.count()
                let isRecord = (try? BucketDelivery(decoding: value)) != nil
                let isMessage = (try? StoredMessage(decoding: value)) != nil
                if prefix == QueueKeys.allRecords ? !isRecord : !isMessage {
                    run.fault("a stored \(name) cannot be read")
                }
                return true
            }
        }
    }

    /// Mappings can be read, and no checkpoint is left of one that is gone.
    private static func checkMappings(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let mappings = QueueKeys.allMappings
        try snapshot.scan(.functions, from: mappings, to: QueueKeys.end(mappings)) { key, value in
            run.count()
            let mapping = try? EventSourceMapping(decoding: value)
            if mapping?.uuid != QueueKeys.name(key) {
                run.fault("event source mapping '\(QueueKeys.name(key))' cannot be read")
            }
            return true
        }
        let checkpoints = QueueKeys.allCheckpoints
        try snapshot.scan(.functions, from: checkpoints, to: QueueKeys.end(checkpoints)) { key, value in
            run.count()
            let uuid = QueueKeys.name(key)
            if (try? StreamCheckpoint(decoding: value)) == nil {
                run.fault("the checkpoint of event source mapping '\(uuid)' cannot be read")
            }
            if try snapshot.get(.functions, QueueKeys.mapping(uuid)) == nil {
                run.fault("there is a checkpoint of event source mapping '\(uuid)', which is gone")
            }
            return true
        }
        let configs = QueueKeys.allInvokeConfigs
        try snapshot.scan(.functions, from: configs, to: QueueKeys.end(configs)) { _, value in
            run.count()
            if (try? EventInvokeConfig(decoding: value)) == nil {
                run.fault("a configuration of asynchronous invocation cannot be read")
            }
            return true
        }
    }
}
