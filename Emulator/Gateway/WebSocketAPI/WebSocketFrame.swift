import Bytes

/// The frames of RFC 6455, section 5, as a server sends them: never masked, never compressed.
public enum WebSocketFrame {
    public enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        /// Whether it may stand between the frames of a message (section 5.5).
        var isControl: Bool { rawValue >= 0x8 }
    }

    /// Bytes of one frame's payload, in both directions ("Quotas for WebSocket APIs").
    public static let largestFrame = 32 << 10
    /// Bytes of one message, in both directions.
    public static let largestMessage = 128 << 10
    /// Bytes of a control frame's payload (section 5.5).
    public static let largestControl = 125

    /// One frame.
    public static func encode(_ opcode: Opcode, isFinal: Bool = true, _ payload: some Collection<UInt8>)
        -> [UInt8]
    {
        var frame: [UInt8] = []
        append(opcode, isFinal: isFinal, payload, to: &frame)
        return frame
    }

    /// A text message in as many frames as it needs, an empty one in one.
    public static func text(_ message: [UInt8], frameBytes: Int = largestFrame) -> [UInt8] {
        var frames: [UInt8] = []
        frames.reserveCapacity(message.count + 10 * (1 + message.count / frameBytes))
        var opcode = Opcode.text
        var rest = message[...]
        repeat {
            let piece = rest.prefix(frameBytes)
            rest = rest.dropFirst(frameBytes)
            append(opcode, isFinal: rest.isEmpty, piece, to: &frames)
            opcode = .continuation
        } while !rest.isEmpty
        return frames
    }

    /// A close frame. The reason is cut to what a control frame can hold.
    public static func close(_ code: UInt16?, _ reason: String = "") -> [UInt8] {
        guard let code else { return encode(.close, [UInt8]()) }
        var payload = ByteOrder.bytes(code)
        for character in reason {
            let bytes = Array(character.utf8)
            guard payload.count + bytes.count <= largestControl else { break }
            payload += bytes
        }
        return encode(.close, payload)
    }

    private static func append(
        _ opcode: Opcode, isFinal: Bool, _ payload: some Collection<UInt8>, to frame: inout [UInt8]
    ) {
        frame.append((isFinal ? 0x80 : 0) | opcode.rawValue)
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ..<65_536:
            frame.append(126)
            ByteOrder.append(UInt16(payload.count), to: &frame)
        default:
            frame.append(127)
            ByteOrder.append(UInt64(payload.count), to: &frame)
        }
        frame.append(contentsOf: payload)
    }
}

/// Why a connection has to be closed: the status code that the peer is told (RFC 6455, section 7.4.1), and a reason.
public struct WebSocketFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public let code: UInt16
    public let reason: String

    public var description: String { "\(code) \(reason)" }

    static func protocolError(_ reason: String) -> WebSocketFailure {
        WebSocketFailure(code: 1002, reason: reason)
    }
    /// API Gateway takes text only.
    static let binary = WebSocketFailure(code: 1003, reason: "Binary frames are not supported")
    static let notUTF8 = WebSocketFailure(code: 1007, reason: "The text is not UTF-8")
    static let frameTooLong = WebSocketFailure(code: 1009, reason: "The frame is too long")
    static let messageTooLong = WebSocketFailure(code: 1009, reason: "The message is too long")
}
