/// Reads what a client sends after the handshake (RFC 6455, section 5): bytes come in, in whatever pieces, and events
/// go out. It keeps no more than one message and one frame's head, and reads nothing behind a close or a failure.
public struct WebSocketReader: Sendable {
    public struct Limits: Sendable {
        /// Bytes of one frame's payload.
        public var frameBytes = WebSocketFrame.largestFrame
        /// Bytes of a message in all of its frames.
        public var messageBytes = WebSocketFrame.largestMessage

        public init() {}
    }

    public enum Event: Equatable, Sendable {
        /// All input is taken and makes nothing whole yet.
        case needsInput
        /// A text message, which is UTF-8.
        case message([UInt8])
        case ping([UInt8])
        case pong
        /// The peer closes; nil when it gives no code.
        case close(code: UInt16?, reason: String)
        /// The peer breaks the rules; the connection has to be closed with that.
        case failure(WebSocketFailure)
    }

    private struct Frame {
        let opcode: WebSocketFrame.Opcode
        let isFinal: Bool
        let length: Int
        let mask: [UInt8]
        var received = 0
    }

    private enum Phase {
        case head
        case payload(Frame)
        /// After a close or a failure.
        case over
    }

    private let limits: Limits
    private var phase = Phase.head
    /// The bytes of a frame's head that have come: 14 at most.
    private var head: [UInt8] = []
    private var message: [UInt8] = []
    /// Whether the frame of a message has come that is not its last.
    private var isWithinMessage = false
    private var check = UTF8Check()
    private var control: [UInt8] = []

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes from `input` what leads to the next event. To be called until it answers `needsInput`.
    public mutating func next(_ input: inout UnsafeRawBufferPointer) -> Event {
        do throws(WebSocketFailure) {
            while true {
                switch phase {
                case .over:
                    input = UnsafeRawBufferPointer(rebasing: input[input.count...])
                    return .needsInput
                case .head:
                    guard let frame = try readHead(&input) else { return .needsInput }
                    phase = .payload(frame)
                case .payload(var frame):
                    try read(&input, of: &frame)
                    guard frame.received == frame.length else {
                        phase = .payload(frame)
                        return .needsInput
                    }
                    phase = .head
                    if let event = try finish(frame) { return event }
                }
            }
        } catch {
            phase = .over
            return .failure(error)
        }
    }

    // MARK: - Head

    private mutating func readHead(
        _ input: inout UnsafeRawBufferPointer
    ) throws(WebSocketFailure) -> Frame? {
        while let byte = input.first {
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
            head.append(byte)
            // Whatever is wrong with a byte is said before the next one comes.
            if head.count == 1 { _ = try opcode() }
            guard head.count >= 2 else { continue }
            if head.count == 2 { try checkSecondByte() }
            let extended = Self.extendedBytes(head[1])
            if head.count == 2 + extended { try checkLength() }
            guard head.count == 6 + extended else { continue }
            let frame = Frame(
                opcode: try opcode(), isFinal: head[0] & 0x80 != 0, length: length(),
                mask: Array(head.suffix(4)))
            head.removeAll(keepingCapacity: true)
            return frame
        }
        return nil
    }

    private func opcode() throws(WebSocketFailure) -> WebSocketFrame.Opcode {
        guard head[0] & 0x70 == 0 else { throw .protocolError("A reserved bit is set") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: head[0] & 0x0F) else {
            throw .protocolError("The opcode is unknown")
        }
        switch opcode {
        case .binary: throw .binary
        case .continuation where !isWithinMessage:
            throw .protocolError("There is no message to continue")
        case .text where isWithinMessage:
            throw .protocolError("The message before has not ended")
        case .close, .ping, .pong:
            guard head[0] & 0x80 != 0 else { throw .protocolError("A control frame is in pieces") }
        case .continuation, .text: break
        }
        return opcode
    }

    private func checkSecondByte() throws(WebSocketFailure) {
        guard head[1] & 0x80 != 0 else { throw .protocolError("The frame is not masked") }
        if try opcode().isControl, head[1] & 0x7F > WebSocketFrame.largestControl {
            throw .protocolError("A control frame is too long")
        }
    }

    /// Bytes of the length that stand behind the seven bits.
    private static func extendedBytes(_ second: UInt8) -> Int {
        switch second & 0x7F {
        case 126: 2
        case 127: 8
        default: 0
        }
    }

    private func length() -> Int {
        let extended = Self.extendedBytes(head[1])
        if extended == 0 { return Int(head[1] & 0x7F) }
        // At most 63 bits: `checkLength` has seen to that.
        return head[2..<(2 + extended)].reduce(0) { $0 << 8 | Int($1) }
    }

    private func checkLength() throws(WebSocketFailure) {
        let extended = Self.extendedBytes(head[1])
        if extended == 8, head[2] & 0x80 != 0 { throw .protocolError("The length is negative") }
        let length = length()
        // Section 5.2: the shortest form that can hold it.
        if (extended == 2 && length < 126) || (extended == 8 && length < 65_536) {
            throw .protocolError("The length is not in its shortest form")
        }
        guard try !opcode().isControl else { return }
        if length > limits.frameBytes { throw .frameTooLong }
        if message.count + length > limits.messageBytes { throw .messageTooLong }
    }

    // MARK: - Payload

    private mutating func read(
        _ input: inout UnsafeRawBufferPointer, of frame: inout Frame
    ) throws(WebSocketFailure) {
        let count = min(input.count, frame.length - frame.received)
        guard count > 0 else { return }
        let piece = UnsafeRawBufferPointer(rebasing: input[..<count])
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        if frame.opcode.isControl {
            Self.append(piece, to: &control, unmasking: frame)
        } else {
            let start = message.count
            Self.append(piece, to: &message, unmasking: frame)
            let isText = message.withUnsafeBytes { bytes in
                check.take(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
            guard isText else { throw .notUTF8 }
        }
        frame.received += count
    }

    private static func append(
        _ piece: UnsafeRawBufferPointer, to bytes: inout [UInt8], unmasking frame: Frame
    ) {
        let start = bytes.count
        bytes.append(contentsOf: piece)
        let mask = frame.mask
        let shift = frame.received
        bytes.withUnsafeMutableBufferPointer { bytes in
            for index in 0..<piece.count { bytes[start + index] ^= mask[(shift + index) & 3] }
        }
    }

    private mutating func finish(_ frame: Frame) throws(WebSocketFailure) -> Event? {
        guard frame.opcode.isControl else {
            isWithinMessage = !frame.isFinal
            guard frame.isFinal else { return nil }
            guard check.isComplete else { throw .notUTF8 }
            var whole: [UInt8] = []
            swap(&whole, &message)
            check = UTF8Check()
            return .message(whole)
        }
        var payload: [UInt8] = []
        swap(&payload, &control)
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        default: return try close(payload)
        }
    }

    private mutating func close(_ payload: [UInt8]) throws(WebSocketFailure) -> Event {
        phase = .over
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw .protocolError("The close frame is too short") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard Self.isSendable(code) else { throw .protocolError("The close code is not allowed") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { throw .notUTF8 }
        return .close(code: code, reason: reason)
    }

    /// The codes that may be on the wire (RFC 6455, section 7.4; the IANA registry adds 1012 to 1014).
    static func isSendable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
