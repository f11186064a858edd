import HTTPTypes

extension HTTPConnectionState {
    struct Limits: Sendable {
        var parser = HTTPRequestParser.Limits()
        var memoryBodyBytes = 1 << 20
        var maxBodyBytes: Int64 = 64 << 20
        /// Whether the driver is asked before a long body is taken.
        var asksAdmission = false
        /// False keeps every body in memory.
        var maySpool = false
        /// Whether the driver has an answer to a body that ended too early.
        var answersTruncated = false
        var idleTimeout: UInt64 = 60_000
        var headerTimeout: UInt64 = 20_000
        /// nil lets bodies trickle, as long as something comes within `idleTimeout`.
        var bodyPace: BodyPace.Limits?
        /// How long the rest of a refused request is read and dropped, so that the peer sees the answer
        /// instead of a reset connection: since the last byte, and in all.
        var lingerTimeout: UInt64 = 5_000
        var lingerTotal: UInt64 = 30_000
    }

    enum Body: Equatable {
        case memory([UInt8])
        /// What the driver was told to store.
        case spooled
    }

    enum Action {
        /// Nothing until the next event.
        case wait
        /// Tell the client to send the body (RFC 9110, section 10.1.1).
        case sendContinue
        /// Call `admitted` or `refused`.
        case admit(HTTPRequestHead)
        /// Show the body's beginning to whoever admitted it, then call `previewed` or `refused`.
        case preview(HTTPRequestHead, [UInt8])
        /// Open a spool file that begins with these bytes.
        case openSpool([UInt8])
        /// Add to the spool file; the bytes are a part of the input.
        case store(UnsafeRawBufferPointer)
        /// Flush the spool file, then call `spoolFinished`.
        case finishSpool
        case handle(HTTPRequestHead, Body)
        case refuseTooLarge(HTTPRequestHead)
        /// The body has stopped to come, or comes too slowly.
        case refuseStalled(HTTPRequestHead)
        /// The peer has ended the connection, or broken the framing, within the body.
        case refuseTruncated(HTTPRequestHead)
        /// Call the handler at once, with a body that is still to come.
        case handleStream(HTTPRequestHead)
        /// The next bytes of such a body; they are a part of the input.
        case pass(UnsafeRawBufferPointer)
        case endStream(trailers: HTTPHeaders)
        /// The rest of such a body will not come. The handler still answers.
        case breakStream(reason: String)
        case refuse(HTTPParseError)
        /// Nobody wants the running handler's answer any more.
        case cancelHandler
        /// Send what waits and a FIN, go on reading.
        case finishWriting
        /// Send what waits, then close.
        case close
        /// Close at once.
        case abort
    }

    /// How the answer is to be sent.
    struct Reply: Equatable {
        var minorVersion = 1
        var isHead = false
        var keepsAlive = true
    }
}
