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
    /// What AWS's newer validation framework says instead; nil when it says the same.
    public let reworded: String?

    public init(_ message: String, reworded: String? = nil, kind: Kind = .validation) {
        self.message = message
        self.reworded = reworded
        self.kind = kind
    }

    /// The error with other text around its own.
    public func within(_ text: (String) -> String) -> ValidationError {
        ValidationError(text(message), reworded: reworded.map(text), kind: kind)
    }
}
