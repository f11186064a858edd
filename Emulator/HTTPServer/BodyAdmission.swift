import HTTPTypes
import Net

/// What becomes of a request whose head has come and whose body has not.
public enum BodyAdmission: Sendable {
    /// The body is taken; `tooLargeResponse` answers one that turns out to be longer, in bytes.
    case take(maxBytes: Int64)
    /// The same for a body that tells by its beginning whether it is worth taking: once `bytes` of it have come,
    /// nil lets the rest come, and an answer refuses it. A shorter body is not asked about.
    case preview(
        maxBytes: Int64, bytes: Int, judge: @EventLoop @Sendable (_ beginning: [UInt8]) -> HTTPResponse?)
    /// The handler is called at once; its request's body is a `BodyStream` that hands on what comes, as it comes,
    /// and whose trailers are known at its end. Nothing is limited but by the handler, which holds the peer back
    /// while it does not read. An answer before the body's end closes the connection.
    case stream
    /// The answer is known already: it is sent instead of `100 Continue`, nothing of the body is kept, and the
    /// connection closes after.
    case refuse(HTTPResponse)
}
