import Foundation
import JSON
import Seeded
import Testing

@Suite struct JSONFuzzTests {
    /// What goes in comes out, and Foundation agrees that it is JSON.
    @Test func roundTrip() throws {
        var random = SeededRandom.fresh("JSON round trip")
        for _ in 0..<400 {
            let value = makeValue(depth: 0, &random)
            let bytes = value.encoded()
            #expect(try JSONValue.parse(bytes) == value, "seed \(random.seed)")
            #expect(try JSONValue.parse(value.prettyPrinted()) == value, "seed \(random.seed)")
            #expect(
                throws: Never.self, "seed \(random.seed)",
                performing: {
                    try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                })
        }
    }

    /// A damaged document is parsed or refused with a place inside it, never more.
    @Test func mutations() throws {
        var random = SeededRandom.fresh("JSON mutations")
        var parsed = 0
        for _ in 0..<400 {
            let original = makeValue(depth: 0, &random).encoded()
            for _ in 0..<25 {
                let bytes = mutated(original, &random)
                do throws(JSONError) {
                    let value = try JSONValue.parse(bytes)
                    parsed += 1
                    #expect((try? JSONValue.parse(value.encoded())) == value, "seed \(random.seed)")
                } catch {
                    #expect((0...bytes.count).contains(error.offset), "seed \(random.seed)")
                    #expect(error.line >= 1 && error.column >= 1 && !error.reason.isEmpty)
                }
            }
        }
        #expect(parsed > 0, "seed \(random.seed): no mutation was valid, so the test saw one path only")
    }

    @Test func truncations() throws {
        let bytes = Array(#"{"a":[1.5e3,"é\ud83d\ude00\n",true,null,{"b":-0}],"c":""}"#.utf8)
        _ = try JSONValue.parse(bytes)
        for count in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue.parse(Array(bytes.prefix(count))) }
        }
    }

    private func makeValue(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &random) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(JSONNumber(Int64.random(in: Int64.min...Int64.max, using: &random)))
        case 3:
            let double = Double(bitPattern: random.next())
            return .number(JSONNumber(double.isFinite ? double : 0))
        case 4, 5: return .string(makeText(&random))
        case 6:
            return .array(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in makeValue(depth: depth + 1, &random) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        (makeText(&random), makeValue(depth: depth + 1, &random))
                    }))
        }
    }

    private func makeText(_ random: inout SeededRandom) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let limit: UInt32 = [0x20, 0x80, 0x800, 0xFFFF, 0x10FFFF][Int.random(in: 0...4, using: &random)]
            text.append(Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) ?? "?")
        }
        return String(text)
    }

    private func mutated(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = original
        let interesting = Array("{}[]\",:\\u0-+.eE\n \u{0}".utf8) + [0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let byte = interesting[Int.random(in: 0..<interesting.count, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.insert(byte, at: place)
            case 1 where place < bytes.count: bytes[place] = byte
            case 2 where place < bytes.count: bytes.remove(at: place)
            case 3 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
