import HTTPTypes
import Net

/// An HTTP/1.1 server (RFC 9110, RFC 9112) on the event loop: keep-alive, pipelining answered in order,
/// chunked request bodies, `Expect: 100-continue`, HEAD, HTTP/1.0; bodies of both directions in memory, in files,
/// or piece by piece (`BodyStream`).
@EventLoop public final class HTTPServer {
    public typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// The port, also when 0 was asked for.
    public let port: Int

    let options: HTTPServerOptions
    let handler: Handler
    let limits: HTTPConnectionState.Limits
    private var encoder: HTTPResponseEncoder
    private let listener: TCPListener
    private let door: Door
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var sweeper: LoopTimer?
    private var isClosing = false
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []

    /// Listens at once. `handler` runs on the event loop, one call for each request; its Task is cancelled
    /// when the client goes away.
    public init(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), handler: @escaping Handler
    ) throws(NetError) {
        self.options = options
        self.handler = handler
        var limits = HTTPConnectionState.Limits()
        limits.parser.headBytes = options.maxHeaderBytes
        limits.parser.fieldCount = options.maxHeaderCount
        limits.memoryBodyBytes = options.memoryBodyBytes
        limits.maxBodyBytes = options.maxBodyBytes
        limits.asksAdmission = options.admission != nil
        limits.maySpool = options.spoolDirectory != nil
        limits.answersTruncated = options.truncatedResponse != nil
        limits.idleTimeout = UInt64(max(1, options.idleTimeoutMs))
        limits.headerTimeout = UInt64(max(1, options.headerTimeoutMs))
        limits.bodyPace = options.bodyTimeoutMs.map { milliseconds in
            .init(
                grace: UInt64(max(1, milliseconds)), bytesPerSecond: UInt64(max(1, options.slowestBodyBytes)))
        }
        limits.lingerTimeout = min(limits.lingerTimeout, limits.idleTimeout)
        limits.lingerTotal = min(limits.lingerTotal, 6 * limits.lingerTimeout)
        self.limits = limits
        encoder = HTTPResponseEncoder(serverName: options.serverName, clock: options.clock)
        let door = Door()
        self.door = door
        listener = try TCPListener(host: host, port: port) { connection in
            guard let server = door.server else { return connection.close() }
            server.add(connection)
        }
        self.port = listener.port
        door.server = self
    }

    /// Stops listening, lets running requests finish for `shutdownGraceMs`, then cancels them; returns when
    /// the last connection is gone.
    public func close() async {
        if !isClosing {
            isClosing = true
            listener.close()
            door.server = nil
            for connection in connections.values { connection.shutDown() }
        }
        guard !connections.isEmpty else { return finishClosing() }
        let patience = LoopTimer(afterMilliseconds: options.shutdownGraceMs) {
            for connection in self.connections.values { connection.abort() }
        }
        await withCheckedContinuation { closeWaiters.append($0) }
        patience.cancel()
    }

    private func finishClosing() {
        sweeper?.cancel()
        sweeper = nil
        let waiters = closeWaiters
        closeWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Connections that are told why they are not served, at once.
    private static let mostRefusals = 64

    private func add(_ connection: TCPConnection) {
        if let first = options.firstSparedDescriptor, let socket = connection.socket, socket >= first {
            // An answer keeps its descriptor for up to a second: only so many get one.
            guard socket < first + Self.mostRefusals else { return connection.close() }
            return connection.refuse(
                "\(first) files and connections are open, and this process may not open many more (ulimit -n)"
            )
        }
        let served = ServerConnection(connection, server: self)
        connections[ObjectIdentifier(served)] = served
        if sweeper == nil { startSweeping() }
    }

    func removed(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { finishClosing() }
    }

    func encodeHead(_ response: HTTPResponse, _ reply: HTTPConnectionState.Reply, into output: inout [UInt8])
    {
        encoder.encodeHead(response, reply, into: &output)
    }

    /// One timer for all connections: a deadline that moves with each request then costs one store. With no
    /// connection there is no timer, and an idle emulator never wakes up.
    private func startSweeping() {
        let shortest = min(options.idleTimeoutMs, options.headerTimeoutMs, options.bodyTimeoutMs ?? .max)
        let period = max(10, min(1_000, shortest / 4))
        sweeper = LoopTimer(afterMilliseconds: period, repeating: true) {
            let now = EventLoop.nowMilliseconds
            for connection in Array(self.connections.values) { connection.checkDeadline(now: now) }
        }
    }
}

extension TCPConnection {
    /// Answers 503, whatever was asked.
    fileprivate func refuse(_ reason: String) {
        let text = "503 Service Unavailable: \(reason)\n"
        write(
            Array(
                """
                HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\n\
                Content-Length: \(text.utf8.count)\r\n\r\n\(text)
                """.utf8))
        // What was asked is read: else the peer might see a reset connection instead of the answer.
        onBytes = { _ in }
        onEnd = { self.close() }
        let patience = LoopTimer(afterMilliseconds: 1_000) { self.close() }
        onClose = { patience.cancel() }
        finishWriting {}
        resumeReading()
    }
}

/// Leads from the listener to its server, until the server closes.
@EventLoop private final class Door {
    var server: HTTPServer?
}
