/// An event or response that has not the shape it must have.
public struct EventDecodingError: Error, Equatable, CustomStringConvertible {
    /// Names joined with dots: `requestContext.http.method`.
    public var field: String
    /// What is wrong with it, such as `must be a string, not a number`.
    public var reason: String

    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "'\(field)' \(reason)" }
}
