import Gateway

/// A frame as a client sends it.
func clientFrame(
    _ opcode: UInt8, isFinal: Bool = true, mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D], reserved: UInt8 = 0,
    _ payload: [UInt8] = []
) -> [UInt8] {
    var frame: [UInt8] = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        frame.append(0x80 | 127)
        for shift in stride(from: 56, through: 0, by: -8) {
            frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
        }
    }
    frame += mask
    for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
    return frame
}

func textFrame(_ text: String, isFinal: Bool = true) -> [UInt8] {
    clientFrame(1, isFinal: isFinal, Array(text.utf8))
}

extension WebSocketReader {
    /// All events of these bytes, fed in pieces.
    mutating func events(_ bytes: [UInt8], pieces: Int = .max) -> [Event] {
        var events: [Event] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(pieces, bytes.count - start)
            bytes[start..<end].withUnsafeBytes { piece in
                var input = piece
                while true {
                    let event = next(&input)
                    guard event != .needsInput else { break }
                    events.append(event)
                }
            }
            start = end
        }
        return events
    }
}

func readEvents(_ bytes: [UInt8], pieces: Int = .max) -> [WebSocketReader.Event] {
    var reader = WebSocketReader()
    return reader.events(bytes, pieces: pieces)
}
