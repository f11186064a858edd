import Store

/// Where events go that functions are to be told of: a queue in the same store, which sees to it that they get there.
/// The service knows of no functions by itself: whoever assembles it hands over the answers to its questions.
public struct EventQueue: Sendable {
    /// Whether a function of that name can be told.
    public var exists: @Sendable (_ function: String) -> Bool
    /// Stores an event for a function, in the commit that removes it here.
    public var put:
        @Sendable (_ function: String, _ payload: [UInt8], _ requestID: String, Transaction) throws -> Void
    /// Called when such a commit is durable.
    public var wake: @Sendable (_ function: String) -> Void

    public init(
        exists: @escaping @Sendable (_ function: String) -> Bool,
        put:
            @escaping @Sendable (
                _ function: String, _ payload: [UInt8], _ requestID: String, Transaction
            ) throws -> Void,
        wake: @escaping @Sendable (_ function: String) -> Void
    ) {
        self.exists = exists
        self.put = put
        self.wake = wake
    }

    /// For no function at all.
    public static let none = EventQueue(exists: { _ in false }, put: { _, _, _, _ in }, wake: { _ in })
}
