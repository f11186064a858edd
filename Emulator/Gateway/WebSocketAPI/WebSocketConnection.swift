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

    /// A client whose messages are not answered waits with more of them.
    private static let mostRunning = 32
    /// Bytes that may wait for a client which does not read, before it gets no more.
    static let mostPending = 1 << 20

    /// - Parameter facts: of the client's request.
    init(_ facts: ConnectionFacts, limits: WebSocketSession.Limits, clock: any WallClock) {
        self.facts = facts
        self.clock = clock
        lastActiveAt = facts.connectedAt
        session = WebSocketSession(limits: limits, now: EventLoop.nowMilliseconds)
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
        wire.onBytes = { bytes in
            var input = bytes
            while true {
                let action = self.session.received(&input, now: EventLoop.nowMilliseconds)
                if action == .wait { break }
                self.lastActiveAt = self.clock.now
                if case .message(let text) = action { message(self, text) } else { self.perform(action) }
            }
        }
        wire.onEnd = { self.perform(self.session.inputEnded()) }
        wire.onShutDown = { self.perform(self.session.close(.goingAway)) }
        wire.onClose = { closed(self, self.ending ?? .brokenOff) }
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
        perform(session.send(text, now: EventLoop.nowMilliseconds))
        lastActiveAt = clock.now
        return true
    }

    func close(_ ending: WebSocketSession.Ending) { perform(session.close(ending)) }

    func checkDeadline(now: UInt64) {
        if now >= session.deadline { perform(session.timedOut()) }
    }

    /// A message's function begins.
    func began() {
        running += 1
        if running == Self.mostRunning { wire.pause() }
    }

    func finished() {
        running -= 1
        if running == Self.mostRunning - 1 { wire.resume() }
    }
}
