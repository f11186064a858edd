import Bytes
import HTTPTypes
import Net

/// A connection after `101 Switching Protocols` (RFC 9110, section 7.8). A handler makes one, says what becomes of the
/// peer's bytes, and returns it as the body of its answer; from then on bytes come in and go out here, until one side
/// ends it. No socket is handed out.
@EventLoop public final class SwitchedConnection: StreamedBody {
    /// The answer is on its way, and what is written from now on follows it. Called once, and the first.
    public var onOpen: (@EventLoop () -> Void)?
    /// Bytes that arrived, those that came ahead of the answer among them; they are valid during the call only.
    public var onBytes: (@EventLoop (UnsafeRawBufferPointer) -> Void)?
    /// The peer will send no more.
    public var onEnd: (@EventLoop () -> Void)?
    /// The server stops: there is time for a last word.
    public var onShutDown: (@EventLoop () -> Void)?
    /// The connection is over, for whatever reason, or has never been the handler's. Called once, and the last.
    public var onClose: (@EventLoop () -> Void)?

    /// nil before the answer and after the end.
    private var driver: ServerConnection?
    private var isOver = false
    private var isHeldBack = false

    public nonisolated init() {}

    /// Bytes that were written and that the kernel has not taken yet.
    public var pendingBytes: Int { driver?.connection.pendingWriteBytes ?? 0 }

    public func write(_ bytes: [UInt8]) { driver?.writeSwitched(bytes) }

    /// No `onBytes` until `resume`: the peer is held back.
    public func pause() {
        isHeldBack = true
        driver?.connection.pauseReading()
    }

    public func resume() {
        isHeldBack = false
        driver?.connection.resumeReading()
    }

    /// Sends what waits, then the end; what the peer still sends is dropped, and it is given a while to go. Nothing
    /// but `onClose` is called any more.
    public func finish() {
        let driver = driver
        closed()
        driver?.finishSwitched()
    }

    // MARK: - For the server

    func open(_ driver: ServerConnection) {
        self.driver = driver
        let onOpen = onOpen
        self.onOpen = nil
        onOpen?()
    }

    /// Whether reading may go on.
    var takesInput: Bool { !isHeldBack }

    func closed() {
        guard !isOver else { return }
        isOver = true
        driver = nil
        let onClose = onClose
        (onOpen, onBytes, onEnd, onShutDown, self.onClose) = (nil, nil, nil, nil, nil)
        onClose?()
    }
}

extension ServerConnection {
    /// Answers 101 and hands the connection over.
    func switchProtocols(_ response: HTTPResponse, _ reply: HTTPConnectionState.Reply) {
        guard case .stream(let body) = response.body, let switched = body as? SwitchedConnection,
            reply.minorVersion > 0
        else {
            // HTTP/1.0 cannot switch (RFC 9110, section 7.8), and a handler has to say to what.
            drop(response)
            let status = reply.minorVersion > 0 ? 500 : 400
            server.encodeHead(HTTPResponse(status: status), reply, into: &output)
            return sent()
        }
        self.switched = switched
        flush()
        connection.write(HTTPResponseEncoder.switchHead(response))
        switched.open(self)
        handOverBacklog()
    }

    /// Passes on what came before there was anybody to take it.
    func handOverBacklog() {
        guard !isProcessing, let switched else { return }
        var early: [UInt8] = []
        swap(&early, &backlog)
        if !early.isEmpty { early.withUnsafeBytes { switched.onBytes?($0) } }
        if endIsPending || state.peerEnded {
            endIsPending = false
            switched.onEnd?()
        }
        if switched.takesInput, self.switched != nil { connection.resumeReading() }
    }

    func receivedSwitched(_ bytes: UnsafeRawBufferPointer, _ switched: SwitchedConnection) {
        switched.onBytes?(bytes)
        // A peer that sends and does not read is held back.
        if connection.pendingWriteBytes > Self.backlogBytes { connection.pauseReading() }
    }

    func writeSwitched(_ bytes: [UInt8]) {
        connection.write(bytes) {
            guard let switched = self.switched, self.connection.pendingWriteBytes == 0 else { return }
            if switched.takesInput { self.connection.resumeReading() }
        }
    }

    /// What follows is as after any answer that closes its connection.
    func finishSwitched() {
        guard switched != nil else { return }
        switched = nil
        connection.resumeReading()
        perform(state.sent(now: EventLoop.nowMilliseconds))
    }
}

extension HTTPResponseEncoder {
    /// The head of an answer that ends HTTP on its connection.
    static func switchHead(_ response: HTTPResponse) -> [UInt8] {
        var head = ByteBuffer(capacity: 256)
        head.append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n")
        response.headers.forEachField { field in
            if !field.isNamed("connection") { append(field, &head) }
        }
        head.append("\r\n")
        return head.array
    }
}
