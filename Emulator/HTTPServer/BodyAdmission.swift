import HTTPTypes

/// What becomes of a request whose head has come and whose body has not.
public enum BodyAdmission: Sendable {
    /// The body is taken; `tooLargeResponse` answers one that turns out to be longer, in bytes.
    case take(maxBytes: Int64)
    /// The answer is known already: it is sent instead of `100 Continue`, nothing of the body is kept, and the
    /// connection closes after.
    case refuse(HTTPResponse)
}
