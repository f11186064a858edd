import JSON
import Testing

@Suite struct JSONTextTests {
    static func string(_ text: String) -> [UInt8] {
        var out = JSONText(capacity: 1)
        out.append(string: text)
        return out.bytes
    }

    @Test func escapesWhatAValueEscapes() {
        for length in 0...20 {
            for place in 0..<max(1, length) {
                for code in UInt8.min..<0x80 where length > 0 {
                    var characters = [UInt8](repeating: 0x61, count: length)
                    characters[place] = code
                    let text = String(decoding: characters, as: UTF8.self)
                    #expect(Self.string(text) == JSONValue.string(text).encoded())
                }
            }
        }
        for text in ["", "é\"ß", "\u{1F600}\\\u{1F600}", "\u{7F}\u{80}", "\u{FFFD}\u{0}\u{1F}"] {
            #expect(Self.string(text) == JSONValue.string(text).encoded())
        }
    }

    @Test func growsBeyondItsCapacity() throws {
        let long = String(repeating: "x\n", count: 10_000)
        var text = JSONText(capacity: 64)
        text.append("[")
        text.append(string: long)
        text.append(byte: 0x2C)
        text.append(number: -12)
        text.append(",")
        text.append(value: ["a": nil])
        #expect(text.last == 0x7D)
        text.append(raw: Array("]".utf8))
        #expect(try JSONValue.parse(text.bytes) == [.string(long), -12, ["a": nil]])
        #expect(text.count == text.bytes.count)
    }
}
