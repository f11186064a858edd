import Bytes
import Clock
import JSON
import Store

/// A queue in the store: every step is one commit.
public struct StoredMessageQueue: MessageQueue {
    let store: Store
    let clock: any WallClock
    public let name: String
    public let policy: RedrivePolicy?
    /// Takes one line for the operator.
    var log: @Sendable (String) -> Void = { _ in }

    public init(_ name: String, in store: Store, clock: any WallClock, policy: RedrivePolicy? = nil) {
        self.name = name
        self.store = store
        self.clock = clock
        self.policy = policy
    }

    @discardableResult
    public func send(_ message: QueueMessage, delayMilliseconds: Int64 = 0) async throws -> String {
        let (name, visible) = (name, clock.now + delayMilliseconds)
        return try await store.commit { Self.send(message, to: name, visible: visible, in: $0) }
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

    public func receive(maximum: Int, visibilityMilliseconds: Int64) async throws -> [ReceivedMessage] {
        try await receive(maximum: maximum, bytes: .max, visibilityMilliseconds: visibilityMilliseconds)
    }

    /// - Parameter bytes: that the messages may have together; a single one may have more.
    func receive(
        maximum: Int, bytes budget: Int, visibilityMilliseconds: Int64
    ) async throws -> [ReceivedMessage] {
        let (name, now, policy, log) = (name, clock.now, policy, log)
        return try await store.commit { transaction in
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
                if let policy, stored.receives >= policy.maximumReceives {
                    stored.write(to: policy.deadLetters, visible: now, in: transaction)
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

    @discardableResult
    public func delete(_ receipt: [UInt8]) async throws -> Bool {
        guard receipt.starts(with: QueueKeys.messages(name)) else { return false }
        return try await store.commit { transaction in
            guard try transaction.get(.queue, receipt) != nil else { return false }
            transaction.delete(.queue, receipt)
            return true
        }
    }

    @discardableResult
    public func redrive(to other: String, maximum: Int) async throws -> Int {
        let (name, now) = (name, clock.now)
        return try await store.commit { transaction in
            let found = try Self.visible(name, maximum, .max, now, transaction)
            for (key, bytes) in found {
                var stored = try StoredMessage(decoding: bytes)
                stored.receives = 0
                transaction.delete(.queue, key)
                stored.write(to: other, visible: now, in: transaction)
            }
            return found.count
        }
    }

    // MARK: - Inside of a transaction

    @discardableResult
    static func send(
        _ message: QueueMessage, to name: String, visible: Timestamp, in transaction: Transaction
    ) -> String {
        let stored = StoredMessage(id: UUID4.make(), sent: transaction.now, receives: 0, message: message)
        stored.write(to: name, visible: visible, in: transaction)
        return stored.id
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
