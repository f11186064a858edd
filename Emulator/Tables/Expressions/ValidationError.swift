/// A request that the table service refuses because of what it says, not because of stored state.
public struct ValidationError: Error, Sendable, Equatable {
    /// Which AWS exception carries the text.
    public enum Kind: Sendable, Equatable {
        /// `ValidationException`
        case validation
        /// `SerializationException`: JSON of the wrong shape.
        case serialization
    }

    public let kind: Kind
    /// The text AWS sends.
    public let message: String

    public init(_ message: String, kind: Kind = .validation) {
        self.message = message
        self.kind = kind
    }
}
