import Clock
import HTTPTypes
import Net

/// Limits and manners of an `HTTPServer`. Sizes in bytes, times in milliseconds.
public struct HTTPServerOptions: Sendable {
    /// Of the request line and the header fields together; more is answered with 431 (or 414).
    public var maxHeaderBytes = 65_536
    /// More header fields are answered with 431.
    public var maxHeaderCount = 200
    /// What to answer instead of 431 and 414; nil keeps them.
    public var longHeadStatus: Int?
    /// A longer body goes to a file in `spoolDirectory`.
    public var memoryBodyBytes = 1 << 20
    /// A longer body is answered with `tooLargeResponse`.
    public var maxBodyBytes: Int64 = 64 << 20
    /// Asked about a request whose body is longer than `memoryBodyBytes`, of unknown length, or held back until
    /// `100 Continue`; nil takes all bodies of up to `maxBodyBytes`.
    public var admission: (@EventLoop @Sendable (HTTPRequest) -> BodyAdmission)?
    /// nil keeps every body in memory.
    public var spoolDirectory: String?
    /// A connection is closed when for this long it has no request, or a transfer makes no progress.
    public var idleTimeoutMs = 60_000
    /// From the first byte of a request to the end of its header fields; then 408.
    public var headerTimeoutMs = 20_000
    /// From the end of the header fields to the end of the body, beside a second for each `slowestBodyBytes` of it
    /// that have come; then as if nothing came any more. The time in which the peer is held back does not count.
    /// nil: bodies may come as slowly as they like, for servers of programs that say something now and then.
    public var bodyTimeoutMs: Int?
    /// Bytes a second that a body has to come with in the long run, if there is a `bodyTimeoutMs`.
    public var slowestBodyBytes = 500
    /// Answers a request whose body has stopped to come for `idleTimeoutMs`, or is too slow; nil is 408.
    public var stalledResponse: @EventLoop @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    /// Answers a request whose connection ended, or whose chunks went wrong, within the body; the peer may be
    /// gone already. nil closes the connection (or answers 400 to the chunks).
    public var truncatedResponse: (@EventLoop @Sendable (HTTPRequest) -> HTTPResponse)?
    /// A connection with this descriptor or a higher one is told 503 and closed: the kernel gives the lowest that are
    /// free, and the last ones are for files. nil takes all that come.
    public var firstSparedDescriptor: Int?
    /// `close` waits this long for running requests, then it cancels them.
    public var shutdownGraceMs = 5_000
    /// Whether an answer may wait for that of a request which came in the same read, so that both leave in one
    /// write: for clients that pipeline only when they need the last answer.
    public var joinsPipelinedAnswers = false
    /// Answers a request without a Task, which costs more than many an answer; false leaves it to the server's
    /// handler.
    public var direct: (@EventLoop @Sendable (HTTPRequest, HTTPReply) -> Bool)?
    /// Answers a request that waits for nothing, before `direct` is asked; nil leaves it to that and the handler.
    public var immediate: (@EventLoop @Sendable (HTTPRequest) -> HTTPResponse?)?
    /// The `Server` header field; nil leaves it out.
    public var serverName: String?
    /// For the `Date` header field.
    public var clock: any WallClock = SystemClock()
    /// Answers a body beyond `maxBodyBytes`. The request it gets has no body. The connection closes after.
    public var tooLargeResponse: @EventLoop @Sendable (HTTPRequest) -> HTTPResponse = { _ in
        HTTPResponse(
            status: 413, headers: ["Content-Type": "text/plain"],
            body: .bytes(Array("413 Content Too Large\n".utf8)))
    }

    public init() {}
}
