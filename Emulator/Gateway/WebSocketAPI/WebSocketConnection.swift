import Clock
import HTTPServer
import Net

/// One open connection: its session, its place among the others, and what its client is sent.
@EventLoop final class WebSocketConnection {
    var facts: ConnectionFacts
    let wire = SwitchedConnection()
    /// Of a frame in either direction.
    private(set) var lastActiveAt: Timestamp
    /// Messages whose functions have not answered.
    private var running = 0
    private var session: WebSocketSession
    private var ending: WebSocketSession.Ending?
    private let clock: any WallClock
    private let now: @EventLoop () -> UInt64
    private var receive: (@EventLoop (WebSocketConnection, [UInt8]) -> Void)?
    /// What came while too many functions ran, and whether the client has ended behind it.
    private var held: [UInt8] = []
    private var hasEnded = false

    /// A client whose messages are not answered waits with more of them.
    private static let mostRunning = 32
    /// Bytes that may wait for a client which does not read, before it gets no more.
    static let mostPending = 1 << 20

    /// - Parameters:
    ///   - facts: of the client's request.
    ///   - now: milliseconds on a clock that never goes back.
    init(
        _ facts: ConnectionFacts, limits: WebSocketSession.Limits, clock: any WallClock,
        now: @escaping @EventLoop () -> UInt64 = { EventLoop.nowMilliseconds }
    ) {
        self.facts = facts
        self.clock = clock
        self.now = now
        lastActiveAt = facts.connectedAt
        session = WebSocketSession(limits: limits, now: now())
    }

    /// - Parameters:
    ///   - message: called with each text message.
    ///   - open: called when the connection is one.
    ///   - closed: called once, at the end, whether the connection has been open or not.
    func start(
        open: @escaping @EventLoop (WebSocketConnection) -> Void,
        message: @escaping @EventLoop (WebSocketConnection, [UInt8]) -> Void,
        closed: @escaping @EventLoop (WebSocketConnection, WebSocketSession.Ending) -> Void
    ) {
        wire.onOpen = { open(self) }
        receive = message
        wire.onBytes = { bytes in
            if self.held.isEmpty { self.read(bytes) } else { self.held += bytes }
        }
        wire.onEnd = {
            self.hasEnded = true
            if self.held.isEmpty { self.perform(self.session.inputEnded()) }
        }
        wire.onShutDown = { self.perform(self.session.close(.goingAway)) }
        wire.onClose = {
            (self.receive, self.held) = (nil, [])
            closed(self, self.ending ?? .brokenOff)
        }
    }

    /// One read may bring thousands of messages: what is behind the last one that may run is kept.
    private func read(_ bytes: UnsafeRawBufferPointer) {
        var input = bytes
        while running < Self.mostRunning {
            let action = session.received(&input, now: now())
            if action == .wait { return }
            lastActiveAt = clock.now
            if case .message(let text) = action { receive?(self, text) } else { perform(action) }
        }
        held = Array(input)
    }

    private func perform(_ action: WebSocketSession.Action) {
        switch action {
        case .wait, .message: break
        case .write(let bytes): wire.write(bytes)
        case .end(let ending, let last):
            self.ending = ending
            if !last.isEmpty { wire.write(last) }
            wire.finish()
        }
    }

    /// False when so much waits for the client that it gets no more.
    func send(_ text: [UInt8]) -> Bool {
        guard wire.pendingBytes <= Self.mostPending else { return false }
        perform(session.send(text, now: now()))
        lastActiveAt = clock.now
        return true
    }

    func close(_ ending: WebSocketSession.Ending) { perform(session.close(ending)) }

    func checkDeadline() {
        if now() >= session.deadline { perform(session.timedOut()) }
    }

    /// A message's function begins.
    func began() {
        running += 1
        if running == Self.mostRunning { wire.pause() }
    }

    func finished() {
        running -= 1
        guard running == Self.mostRunning - 1 else { return }
        var rest: [UInt8] = []
        swap(&rest, &held)
        rest.withUnsafeBytes { read($0) }
        guard running < Self.mostRunning else { return }
        wire.resume()
        if hasEnded, held.isEmpty { perform(session.inputEnded()) }
    }
}
