import Bytes
import Clock
import JSON
import Store

/// A queue in the store, whose messages are delivered at least once. What it does is a part of a commit: that of
/// whoever sends, or has received, so that a message is neither lost nor there twice.
struct MessageQueue: Sendable {
    let store: Store
    let clock: any WallClock
    let name: String
    /// Takes one line for the operator.
    var log: @Sendable (String) -> Void = { _ in }

    init(_ name: String, in store: Store, clock: any WallClock) {
        self.name = name
        self.store = store
        self.clock = clock
    }

    /// - Parameter visible: from when on it can be received.
    /// - Returns: its id.
    @discardableResult
    static func send(
        _ message: QueueMessage, to name: String, visible: Timestamp, in transaction: Transaction
    ) -> String {
        let stored = StoredMessage(id: UUID4.make(), sent: transaction.now, receives: 0, message: message)
        stored.write(to: name, visible: visible, in: transaction)
        return stored.id
    }

    /// Whether there is something to receive; costs no commit.
    func hasVisible() throws -> Bool {
        let now = clock.now
        return try store.read { snapshot in
            var found = false
            let prefix = QueueKeys.messages(name)
            try snapshot.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, _ in
                found = QueueKeys.due(key).map { $0 <= now } ?? false
                return false
            }
            return found
        }
    }

    /// Takes messages that are visible, the oldest first, and hides them for some time. Those that were received as
    /// often as the queue allows go to its dead letters instead.
    /// - Parameter bytes: that the messages may have together; a single one may have more.
    func receive(
        maximum: Int, bytes budget: Int = .max, visibilityMilliseconds: Int64
    ) async throws -> [ReceivedMessage] {
        let (name, now, log) = (name, clock.now, log)
        return try await store.commit { transaction in
            let redrive = try QueueSettings.read(name, transaction)?.redrive
            var received: [ReceivedMessage] = []
            for (key, bytes) in try Self.visible(name, maximum, budget, now, transaction) {
                transaction.delete(.queue, key)
                var stored: StoredMessage
                do throws(StoreError) {
                    stored = try StoredMessage(decoding: bytes)
                } catch {
                    // It must not hold up those behind it.
                    log("A message of queue '\(name)' was dropped: \(error).")
                    continue
                }
                if let redrive, stored.receives >= redrive.maximumReceives {
                    stored.receives = 0
                    stored.write(to: redrive.deadLetters, visible: now, in: transaction)
                    continue
                }
                stored.receives += 1
                let receipt = stored.write(to: name, visible: now + visibilityMilliseconds, in: transaction)
                received.append(
                    ReceivedMessage(
                        message: stored.message, id: stored.id, receipt: receipt, receives: stored.receives,
                        sent: stored.sent))
            }
            return received
        }
    }

    /// A message has been dealt with.
    /// - Returns: false when the receipt was not good any more.
    @discardableResult
    func delete(_ receipt: [UInt8], in transaction: Transaction) throws -> Bool {
        guard receipt.starts(with: QueueKeys.messages(name)), try transaction.get(.queue, receipt) != nil
        else { return false }
        transaction.delete(.queue, receipt)
        return true
    }

    /// Hides a message that was received for another time, counted from now; 0 shows it again at once.
    /// - Returns: the receipt that is good from now on; nil when the one given was not good any more.
    @discardableResult
    func changeVisibility(
        _ receipt: [UInt8], milliseconds: Int64, in transaction: Transaction
    ) throws -> [UInt8]? {
        guard receipt.starts(with: QueueKeys.messages(name)),
            let bytes = try transaction.get(.queue, receipt)
        else { return nil }
        transaction.delete(.queue, receipt)
        return try StoredMessage(decoding: bytes).write(
            to: name, visible: clock.now + milliseconds, in: transaction)
    }

    private static func visible(
        _ name: String, _ maximum: Int, _ budget: Int, _ now: Timestamp, _ transaction: Transaction
    ) throws -> [(key: [UInt8], bytes: [UInt8])] {
        var left = budget
        var found: [(key: [UInt8], bytes: [UInt8])] = []
        let prefix = QueueKeys.messages(name)
        try transaction.scan(.queue, from: prefix, to: QueueKeys.end(prefix)) { key, value in
            guard found.count < maximum, let due = QueueKeys.due(key), due <= now,
                found.isEmpty || value.count <= left
            else { return false }
            left -= value.count
            found.append((key, value))
            return true
        }
        return found
    }
}

/// A message as it is stored.
struct StoredMessage: Sendable {
    var id: String
    var sent: Timestamp
    var receives: Int
    var message: QueueMessage

    init(id: String, sent: Timestamp, receives: Int, message: QueueMessage) {
        self.id = id
        self.sent = sent
        self.receives = receives
        self.message = message
    }

    /// - Returns: its key.
    @discardableResult
    func write(to queue: String, visible: Timestamp, in transaction: Transaction) -> [UInt8] {
        let attributes = message.attributes.sorted { $0.key < $1.key }.map { name, attribute in
            (name, ["type": .string(attribute.type), "value": .string(attribute.value)] as JSONValue)
        }
        let head: JSONObject = [
            "id": .string(id), "sent": .number(JSONNumber(sent.milliseconds)),
            "receives": .number(JSONNumber(receives)), "attributes": .object(JSONObject(attributes)),
        ]
        let key = QueueKeys.waiting(
            QueueKeys.messages(queue), due: visible, order: transaction.nextSequence())
        transaction.put(.queue, key, StoredDocument.encode(head, body: message.body))
        return key
    }

    /// - Throws: `StoreError` when the bytes are no message.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        let (head, body) = try StoredDocument.decode(bytes, "a message of a queue")
        guard let id = head["id"]?.string, let sent = head["sent"]?.int64,
            let receives = head["receives"]?.int
        else { throw .corrupt("a message of a queue cannot be read") }
        var attributes: [String: QueueMessage.Attribute] = [:]
        for (name, value) in head["attributes"]?.object ?? [:] {
            attributes[name] = .init(
                type: value["type"]?.string ?? "String", value: value["value"]?.string ?? "")
        }
        self.init(
            id: id, sent: Timestamp(milliseconds: sent), receives: receives,
            message: QueueMessage(body: body, attributes: attributes))
    }
}
