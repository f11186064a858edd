import Gateway

/// A second reader of a client's frames: it sees all bytes at once and knows nothing of how they came. Plain enough to
/// be held against RFC 6455, section 5, line by line, it says what the gateway's reader has to say.
struct PlainFrames {
    enum Outcome: Equatable {
        case text([UInt8])
        case ping([UInt8])
        case pong
        case close(UInt16?, String)
        /// The code with which the connection has to be closed.
        case failure(UInt16)
    }

    private var rest: ArraySlice<UInt8>
    private var message: [UInt8]?
    private var outcomes: [Outcome] = []

    static func read(_ wire: [UInt8]) -> [Outcome] {
        var frames = PlainFrames(rest: wire[...])
        while frames.readFrame() {}
        return frames.outcomes
    }

    private init(rest: ArraySlice<UInt8>) { self.rest = rest }

    /// False at the end, and when nothing may follow.
    private mutating func readFrame() -> Bool {
        guard let first = rest.first else { return false }
        let (opcode, isFinal) = (first & 15, first >= 128)
        if let code = refusal(of: first) { return fail(code) }
        guard let second = rest.dropFirst().first else { return false }
        let isControl = opcode >= 8
        if second < 128 || isControl && second > 128 + 125 { return fail(1002) }
        let extra = second == 254 ? 2 : second == 255 ? 8 : 0
        guard rest.count >= 2 + extra else { return false }
        let long = rest.dropFirst(2).prefix(extra).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = extra == 0 ? UInt64(second - 128) : long
        if length >> 63 == 1 || extra == 2 && length < 126 || extra == 8 && length < 65_536 {
            return fail(1002)
        }
        if !isControl, length > 32_768 || UInt64(message?.count ?? 0) + length > 131_072 { return fail(1009) }
        guard rest.count >= 6 + extra else { return false }
        let key = Array(rest.dropFirst(2 + extra).prefix(4))
        let masked = rest.dropFirst(6 + extra).prefix(Int(length))
        let payload = masked.enumerated().map { $1 ^ key[$0 % 4] }
        rest = rest.dropFirst(6 + extra + payload.count)
        let isWhole = payload.count == length
        guard isControl else { return take(payload, isFinal: isFinal, isWhole: isWhole) }
        return isWhole && takeControl(opcode, payload)
    }

    private func refusal(of first: UInt8) -> UInt16? {
        if first & 0x70 != 0 { return 1002 }
        switch first & 15 {
        case 0: return message == nil ? 1002 : nil
        case 1: return message == nil ? nil : 1002
        case 2: return 1003
        case 8, 9, 10: return first >= 128 ? nil : 1002
        default: return 1002
        }
    }

    private mutating func take(_ payload: [UInt8], isFinal: Bool, isWhole: Bool) -> Bool {
        let text = (message ?? []) + payload
        guard Self.beginsText(text) else { return fail(1007) }
        guard isWhole else { return false }
        message = text
        guard isFinal else { return true }
        message = nil
        guard Self.isText(text) else { return fail(1007) }
        outcomes.append(.text(text))
        return true
    }

    private mutating func takeControl(_ opcode: UInt8, _ payload: [UInt8]) -> Bool {
        if opcode != 8 {
            outcomes.append(opcode == 9 ? .ping(payload) : .pong)
            return true
        }
        if payload.isEmpty {
            outcomes.append(.close(nil, ""))
            return false
        }
        guard payload.count > 1 else { return fail(1002) }
        let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
        let registered: Set<UInt16> = [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
        ]
        guard registered.contains(code) || (3000...4999).contains(code) else { return fail(1002) }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { return fail(1007) }
        outcomes.append(.close(code, reason))
        return false
    }

    private mutating func fail(_ code: UInt16) -> Bool {
        outcomes.append(.failure(code))
        return false
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether some bytes behind these would make a text of them: three at most.
    private static func beginsText(_ bytes: [UInt8]) -> Bool {
        if isText(bytes) { return true }
        // Which second bytes a character may have depends on its first one: each such range has one of these.
        return (1...3).contains { count in
            [0x80, 0x90, 0xA0].contains { next in
                isText(bytes + [next] + [UInt8](repeating: 0x80, count: count - 1))
            }
        }
    }
}

extension PlainFrames.Outcome {
    /// nil for what is no event.
    init?(_ event: WebSocketReader.Event) {
        switch event {
        case .needsInput: return nil
        case .message(let text): self = .text(text)
        case .ping(let payload): self = .ping(payload)
        case .pong: self = .pong
        case .close(let code, let reason): self = .close(code, reason)
        case .failure(let failure): self = .failure(failure.code)
        }
    }
}
