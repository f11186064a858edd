import Clock

/// A message of a queue.
public struct QueueMessage: Sendable, Equatable {
    public struct Attribute: Sendable, Equatable {
        /// `String`, `Number` or `Binary`.
        public var type: String
        public var value: String

        public init(type: String, value: String) {
            self.type = type
            self.value = value
        }
    }

    public var body: [UInt8]
    public var attributes: [String: Attribute]

    public init(body: [UInt8], attributes: [String: Attribute] = [:]) {
        self.body = body
        self.attributes = attributes
    }
}

/// A message that somebody works on; nobody else sees it until its time is over.
public struct ReceivedMessage: Sendable, Equatable {
    public var message: QueueMessage
    public var id: String
    /// Proves the receipt: it is good until the message is received again.
    public var receipt: [UInt8]
    /// How often it has been received, this time included.
    public var receives: Int
    public var sent: Timestamp
}

/// Where a message goes that was received too often.
public struct RedrivePolicy: Sendable, Equatable {
    /// Name of the other queue.
    public var deadLetters: String
    /// 1 or more.
    public var maximumReceives: Int

    public init(deadLetters: String, maximumReceives: Int) {
        self.deadLetters = deadLetters
        self.maximumReceives = maximumReceives
    }
}

/// A queue whose messages are delivered at least once.
public protocol MessageQueue: Sendable {
    /// Returns once the message is kept.
    /// - Returns: its id.
    @discardableResult
    func send(_ message: QueueMessage, delayMilliseconds: Int64) async throws -> String

    /// Takes messages that are visible, the oldest first, and hides them for some time.
    func receive(maximum: Int, visibilityMilliseconds: Int64) async throws -> [ReceivedMessage]

    /// - Returns: false when the receipt was not good any more.
    @discardableResult
    func delete(_ receipt: [UInt8]) async throws -> Bool

    /// Moves visible messages to another queue, as many as there may be in one step.
    /// - Returns: how many.
    @discardableResult
    func redrive(to name: String, maximum: Int) async throws -> Int
}
