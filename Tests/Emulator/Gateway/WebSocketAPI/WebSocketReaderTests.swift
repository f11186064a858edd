import Testing

@testable import Gateway

@Suite struct WebSocketReaderTests {
    private func failure(_ bytes: [UInt8]) -> UInt16? {
        if case .failure(let failure) = readEvents(bytes).last { failure.code } else { nil }
    }

    /// RFC 6455, section 5.7: "A single-frame masked text message".
    @Test func theExampleOfTheStandard() {
        let wire: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(readEvents(wire) == [.message(Array("Hello".utf8))])
        #expect(readEvents(wire, pieces: 1) == [.message(Array("Hello".utf8))])
    }

    @Test func aFragmentedMessageWithAPingBetweenItsFrames() {
        let wire =
            textFrame("Hel", isFinal: false) + clientFrame(9, [1, 2]) + clientFrame(0, isFinal: false, [0x6C])
            + clientFrame(0, [0x6F])
        #expect(readEvents(wire) == [.ping([1, 2]), .message(Array("Hello".utf8))])
    }

    @Test(arguments: [0, 1, 125, 126, 127, 32_768]) func lengthsOfAllForms(_ length: Int) {
        let payload = [UInt8](repeating: 0x61, count: length)
        #expect(readEvents(clientFrame(1, payload), pieces: 1_000) == [.message(payload)])
    }

    @Test func aFrameBeyond32KBIsTooLongAsSoonAsItsLengthIsKnown() {
        let head = clientFrame(1, [UInt8](repeating: 0x61, count: 32_769)).prefix(4)
        #expect(failure(Array(head)) == 1009)
    }

    @Test func aMessageOf128KBIsTaken() {
        let piece = [UInt8](repeating: 0x61, count: 32_768)
        let wire =
            clientFrame(1, isFinal: false, piece) + clientFrame(0, isFinal: false, piece)
            + clientFrame(0, isFinal: false, piece) + clientFrame(0, piece)
        #expect(readEvents(wire) == [.message([UInt8](repeating: 0x61, count: 131_072))])
    }

    @Test func aMessageBeyond128KBIsTooLong() {
        let piece = [UInt8](repeating: 0x61, count: 32_768)
        var wire = clientFrame(1, isFinal: false, piece)
        for _ in 0..<3 { wire += clientFrame(0, isFinal: false, piece) }
        #expect(failure(wire + clientFrame(0, [0x61])) == 1009)
    }

    @Test func binaryIsNotTaken() { #expect(failure(clientFrame(2, [1])) == 1003) }

    @Test(arguments: [3, 4, 7, 0xB, 0xF] as [UInt8]) func unknownOpcodes(_ opcode: UInt8) {
        #expect(failure(clientFrame(opcode)) == 1002)
    }

    /// The first of these bits means a compressed message, to which nobody has agreed.
    @Test(arguments: [1, 2, 4] as [UInt8]) func reservedBits(_ bit: UInt8) {
        #expect(failure(clientFrame(1, reserved: bit, [0x61])) == 1002)
    }

    @Test func aFrameWithoutAMask() { #expect(failure([0x81, 0x01, 0x61]) == 1002) }

    @Test func aContinuationOfNothing() { #expect(failure(clientFrame(0, [0x61])) == 1002) }

    @Test func aMessageWithinAMessage() {
        #expect(failure(textFrame("a", isFinal: false) + textFrame("b")) == 1002)
    }

    @Test func aControlFrameInPieces() { #expect(failure(clientFrame(9, isFinal: false)) == 1002) }

    @Test func aControlFrameBeyond125Bytes() {
        #expect(failure(clientFrame(9, [UInt8](repeating: 1, count: 126))) == 1002)
        #expect(readEvents(clientFrame(9, [UInt8](repeating: 1, count: 125))).count == 1)
    }

    @Test func lengthsThatAreNotInTheirShortestForm() {
        #expect(failure([0x81, 0xFE, 0, 125]) == 1002)
        #expect(failure([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == 1002)
        #expect(failure([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]) == 1002)
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF8], [0xC3], [0x80],
        ] as [[UInt8]])
    func textThatIsNotUTF8(_ bytes: [UInt8]) { #expect(failure(clientFrame(1, bytes)) == 1007) }

    @Test func wrongTextIsSeenBeforeItsMessageEnds() {
        #expect(failure(clientFrame(1, isFinal: false, [0x61, 0xFF])) == 1007)
    }

    @Test func aCharacterMayBeCutByFrames() {
        let bytes = Array("ä€😀".utf8)
        for cut in 0...bytes.count {
            let wire =
                clientFrame(1, isFinal: false, Array(bytes[..<cut])) + clientFrame(0, Array(bytes[cut...]))
            #expect(readEvents(wire, pieces: 1) == [.message(bytes)])
        }
    }

    @Test func closesOfAllForms() {
        #expect(readEvents(clientFrame(8)) == [.close(code: nil, reason: "")])
        #expect(readEvents(clientFrame(8, [0x03, 0xE8])) == [.close(code: 1000, reason: "")])
        let reasoned = clientFrame(8, [0x0F, 0xA0] + Array("bye".utf8))
        #expect(readEvents(reasoned) == [.close(code: 4000, reason: "bye")])
        #expect(failure(clientFrame(8, [0x03])) == 1002)
        #expect(failure(clientFrame(8, [0x03, 0xE8, 0xFF])) == 1007)
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
    func closeCodesThatMustNotBeSent(_ code: UInt16) {
        #expect(failure(clientFrame(8, [UInt8(code >> 8), UInt8(code & 0xFF)])) == 1002)
    }

    @Test func nothingIsReadBehindACloseOrAFailure() {
        #expect(readEvents(clientFrame(8) + textFrame("a")) == [.close(code: nil, reason: "")])
        #expect(readEvents([0x81, 0x01] + textFrame("a")).count == 1)
    }

    @Test func aServersFrames() {
        #expect(
            WebSocketFrame.encode(.text, Array("Hello".utf8)) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            WebSocketFrame.encode(.pong, [UInt8](repeating: 0, count: 126)).prefix(4) == [0x8A, 126, 0, 126])
        #expect(WebSocketFrame.close(1001, "Going away").prefix(4) == [0x88, 12, 0x03, 0xE9])
        #expect(WebSocketFrame.close(nil) == [0x88, 0])
        #expect(WebSocketFrame.close(1000, String(repeating: "ä", count: 100)).count == 2 + 124)
    }

    @Test func aLongMessageGoesInFramesOf32KB() {
        let frames = WebSocketFrame.text([UInt8](repeating: 0x61, count: 70_000))
        #expect(frames.prefix(4) == [0x01, 126, 0x80, 0x00])
        #expect(frames[(4 + 32_768)...].prefix(4) == [0x00, 126, 0x80, 0x00])
        #expect(frames[(8 + 65_536)...].prefix(4) == [0x80, 126, 0x11, 0x70])
        #expect(WebSocketFrame.text([]) == [0x81, 0])
    }
}
