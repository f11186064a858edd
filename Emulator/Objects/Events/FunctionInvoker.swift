import Store

/// What became of one attempt to tell a function of an event.
public enum DeliveryOutcome: Sendable, Equatable {
    /// The function ran well.
    case done
    /// The function failed: it is called again later, twice at most.
    case failed
    /// No room for the call right now: it is tried again and does not count.
    case busy
    /// The function can never be called; the reason goes into the log.
    case refused(String)
    /// The emulator is about to end, so nobody knows: the event stays.
    case interrupted
}

/// A queue in the same store that takes events over and sees to it that they reach their functions.
public struct EventQueue: Sendable {
    /// Stores an event for a function, in the commit that removes it here.
    public var put:
        @Sendable (_ function: String, _ payload: [UInt8], _ requestID: String, Transaction) throws -> Void
    /// Called when such a commit is durable.
    public var wake: @Sendable (_ function: String) -> Void

    public init(
        put:
            @escaping @Sendable (
                _ function: String, _ payload: [UInt8], _ requestID: String, Transaction
            ) throws -> Void,
        wake: @escaping @Sendable (_ function: String) -> Void
    ) {
        self.put = put
        self.wake = wake
    }
}

/// The functions that this service may tell of events. The service knows of none by itself: whoever assembles
/// it hands over the questions that it has.
public struct FunctionInvoker: Sendable {
    /// Whether a function of that name can be called.
    public var exists: @Sendable (_ name: String) -> Bool
    /// Calls a function with an event and waits until it has ended.
    public var invoke:
        @Sendable (_ name: String, _ payload: [UInt8], _ requestID: String) async -> DeliveryOutcome

    /// Takes events over; without one, `invoke` is called with each, and again when it fails.
    public var queue: EventQueue?

    public init(
        exists: @escaping @Sendable (_ name: String) -> Bool,
        invoke:
            @escaping @Sendable (_ name: String, _ payload: [UInt8], _ requestID: String) async
            -> DeliveryOutcome,
        queue: EventQueue? = nil
    ) {
        self.exists = exists
        self.invoke = invoke
        self.queue = queue
    }

    /// No function at all.
    public static let none = FunctionInvoker(
        exists: { _ in false }, invoke: { _, _, _ in .refused("there is no such function") })
}
