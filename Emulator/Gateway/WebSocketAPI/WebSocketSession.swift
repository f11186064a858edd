/// One connection after the handshake, without its socket: what is written when, and why it ends.
public struct WebSocketSession: Sendable {
    public struct Limits: Sendable {
        public var reader = WebSocketReader.Limits()
        /// Milliseconds without a frame in either direction after which the connection ends.
        public var idle: UInt64 = 600_000
        /// Milliseconds that a connection lasts at most.
        public var total: UInt64 = 7_200_000

        public init() {}
    }

    /// What `$disconnect` is told.
    public struct Ending: Equatable, Sendable {
        public let code: UInt16
        public let reason: String

        /// The client closed without a code.
        static let withoutCode = Ending(code: 1005, reason: "Client-side close frame status not set")
        /// The connection broke off.
        static let brokenOff = Ending(code: 1006, reason: "Connection Closed Abnormally")
        static let goingAway = Ending(code: 1001, reason: "Going away")
        /// Somebody deleted the connection.
        static let deleted = Ending(code: 1000, reason: "")
    }

    public enum Action: Equatable, Sendable {
        case wait
        /// A whole text message.
        case message([UInt8])
        case write([UInt8])
        /// Write these bytes, the last ones, and finish the connection.
        case end(Ending, last: [UInt8])
    }

    private var reader: WebSocketReader
    private let limits: Limits
    private let connectedAt: UInt64
    private var lastActivity: UInt64
    private(set) public var isOver = false

    /// - Parameter now: milliseconds on a clock that never goes back, as everywhere here.
    public init(limits: Limits = Limits(), now: UInt64) {
        self.limits = limits
        reader = WebSocketReader(limits: limits.reader)
        connectedAt = now
        lastActivity = now
    }

    /// When `timedOut` is due.
    public var deadline: UInt64 { min(lastActivity + limits.idle, connectedAt + limits.total) }

    /// Takes from `input` what leads to the next action. To be called until it says `wait`.
    public mutating func received(_ input: inout UnsafeRawBufferPointer, now: UInt64) -> Action {
        guard !isOver else { return .wait }
        while true {
            let event = reader.next(&input)
            if event != .needsInput { lastActivity = now }
            switch event {
            case .needsInput: return .wait
            case .message(let text): return .message(text)
            case .ping(let payload): return .write(WebSocketFrame.encode(.pong, payload))
            case .pong: continue
            case .close(let code, let reason):
                let ending = code.map { Ending(code: $0, reason: reason) } ?? .withoutCode
                return end(ending, last: WebSocketFrame.close(code))
            case .failure(let failure):
                return end(
                    Ending(code: failure.code, reason: failure.reason),
                    last: WebSocketFrame.close(failure.code, failure.reason))
            }
        }
    }

    /// A message for the client.
    public mutating func send(_ text: [UInt8], now: UInt64) -> Action {
        guard !isOver else { return .wait }
        lastActivity = now
        return .write(WebSocketFrame.text(text, frameBytes: limits.reader.frameBytes))
    }

    /// The client will send no more, although it has not closed.
    public mutating func inputEnded() -> Action { end(.brokenOff, last: []) }

    /// The deadline has passed.
    public mutating func timedOut() -> Action { close(.goingAway) }

    /// The gateway's own wish to close.
    public mutating func close(_ ending: Ending) -> Action {
        end(ending, last: WebSocketFrame.close(ending.code, ending.reason))
    }

    private mutating func end(_ ending: Ending, last: [UInt8]) -> Action {
        guard !isOver else { return .wait }
        isOver = true
        return .end(ending, last: last)
    }
}
