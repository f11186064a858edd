import Clock
import JSON
import Store

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

/// What is set of a queue.
public struct QueueSettings: Sendable, Equatable {
    /// Where a message goes that was received too often.
    public struct Redrive: Sendable, Equatable {
        /// Name of the other queue.
        public var deadLetters: String
        /// 1 or more.
        public var maximumReceives: Int

        public init(deadLetters: String, maximumReceives: Int) {
            self.deadLetters = deadLetters
            self.maximumReceives = maximumReceives
        }
    }

    /// nil: a message comes again for as long as it is not deleted.
    public var redrive: Redrive?
    /// For how long a message is hidden that was received, 0 to 43,200; nil: long enough for whoever receives it.
    public var visibilitySeconds: Int?

    public init(redrive: Redrive? = nil, visibilitySeconds: Int? = nil) {
        self.redrive = redrive
        self.visibilitySeconds = visibilitySeconds
    }

    // MARK: - Stored form

    func write(_ name: String, in transaction: Transaction) {
        var object = JSONObject()
        if let redrive {
            object.append("deadLetters", .string(redrive.deadLetters))
            object.append("receives", .number(JSONNumber(redrive.maximumReceives)))
        }
        if let visibilitySeconds { object.append("visibility", .number(JSONNumber(visibilitySeconds))) }
        transaction.put(.functions, QueueKeys.queue(name), JSONValue.object(object).encoded())
    }

    /// - Returns: nil when there is no such queue.
    static func read(_ name: String, _ source: some Reading) throws -> QueueSettings? {
        guard let bytes = try source.get(.functions, QueueKeys.queue(name)) else { return nil }
        // Earlier versions have stored the name alone.
        let json = bytes.isEmpty ? [:] : try JSONValue.parse(bytes)
        var settings = QueueSettings(visibilitySeconds: json["visibility"]?.int)
        if let name = json["deadLetters"]?.string, let receives = json["receives"]?.int {
            settings.redrive = Redrive(deadLetters: name, maximumReceives: receives)
        }
        return settings
    }
}
