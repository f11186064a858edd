import Gateway

/// What holds for the reader of WebSocket frames, whatever a client sends.
public enum FrameProperties {
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let choice = bytes.first ?? 0
        let pieces = 1 + Int(choice % 64)
        let wire = Array(bytes.dropFirst())
        let whole = try read(wire, pieces: max(1, wire.count))
        let cut = try read(wire, pieces: pieces)
        try require(whole == cut, "pieces of \(pieces) bytes: \(cut), as a whole: \(whole)")
        let plain = PlainFrames.read(wire)
        try require(whole.compactMap { PlainFrames.Outcome($0) } == plain, "\(whole), plainly read: \(plain)")
        try checkRoundTrip(wire, frameBytes: pieces)
        try checkRoundTrip(wire, frameBytes: WebSocketFrame.largestFrame)
        try checkSession(wire, pieces: pieces)
    }

    private static func read(
        _ wire: [UInt8], pieces: Int
    ) throws(PropertyFailure) -> [WebSocketReader.Event] {
        var reader = WebSocketReader()
        var events: [WebSocketReader.Event] = []
        var start = 0
        while start < wire.count {
            let end = min(start + pieces, wire.count)
            wire[start..<end].withUnsafeBytes { piece in
                var input = piece
                while true {
                    let event = reader.next(&input)
                    guard event != .needsInput else { break }
                    events.append(event)
                }
            }
            start = end
        }
        for (index, event) in events.enumerated() { try check(event, isLast: index == events.count - 1) }
        return events
    }

    private static func check(_ event: WebSocketReader.Event, isLast: Bool) throws(PropertyFailure) {
        switch event {
        case .needsInput, .pong: break
        case .message(let text):
            try require(String(validating: text, as: UTF8.self) != nil, "a message that is no text")
            try require(text.count <= WebSocketFrame.largestMessage, "a message beyond the limit")
        case .ping(let payload):
            try require(payload.count <= WebSocketFrame.largestControl, "a ping beyond the limit")
        case .close(let code, _):
            try require(isLast, "an event behind a close")
            try require(code.map { $0 >= 1000 && $0 < 5000 && $0 != 1005 && $0 != 1006 } ?? true, "a code")
        case .failure(let failure):
            try require(isLast, "an event behind a failure")
            try require([1002, 1003, 1007, 1009].contains(failure.code), "a failure with \(failure.code)")
        }
    }

    /// A client that sends what a server would, masked, is understood.
    private static func checkRoundTrip(_ bytes: [UInt8], frameBytes: Int) throws(PropertyFailure) {
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        let frames = mask(WebSocketFrame.text(text, frameBytes: frameBytes), with: Array(bytes.prefix(4)))
        let events = try read(frames, pieces: 1 + frameBytes % 7)
        if text.count <= WebSocketFrame.largestMessage {
            try require(events == [.message(text)], "another message came back: \(events)")
        }
    }

    /// Masks well-formed frames of a server.
    private static func mask(_ frames: [UInt8], with key: [UInt8]) -> [UInt8] {
        let key = (key + [1, 2, 3, 4]).prefix(4)
        var masked: [UInt8] = []
        var index = 0
        while index < frames.count {
            let short = Int(frames[index + 1])
            let extended = short == 126 ? 2 : short == 127 ? 8 : 0
            let length =
                extended == 0
                ? short : frames[(index + 2)..<(index + 2 + extended)].reduce(0) { $0 << 8 | Int($1) }
            masked += [frames[index], frames[index + 1] | 0x80]
            masked += frames[(index + 2)..<(index + 2 + extended)] + key
            index += 2 + extended
            for offset in 0..<length { masked.append(frames[index + offset] ^ key[offset & 3]) }
            index += length
        }
        return masked
    }

    /// A session ends once, writes nothing behind its end, and never lives beyond its limits.
    private static func checkSession(_ wire: [UInt8], pieces: Int) throws(PropertyFailure) {
        var session = WebSocketSession(now: 1)
        var endings = 0
        var start = 0
        var now: UInt64 = 1
        while start < wire.count {
            let end = min(start + pieces, wire.count)
            now += 1
            var actions: [WebSocketSession.Action] = []
            wire[start..<end].withUnsafeBytes { piece in
                var input = piece
                while true {
                    let action = session.received(&input, now: now)
                    guard action != .wait else { break }
                    actions.append(action)
                }
            }
            for action in actions {
                try require(endings == 0, "an action behind the end")
                if case .end = action { endings += 1 }
            }
            try require(session.deadline <= 1 + 7_200_000, "a deadline beyond the total")
            start = end
        }
        try require(session.isOver == (endings == 1), "over without an end")
    }
}
