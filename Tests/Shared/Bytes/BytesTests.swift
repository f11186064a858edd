import Bytes
import Foundation
import Seeded
import Testing

@Suite struct HexTests {
    @Test func encodesLowerCase() { #expect(Hex.encode([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff") }

    @Test func encodesTheLowestDigitsOfANumber() {
        #expect(Hex.encode(0x0123_4567_89AB_CDEF as UInt64) == "0123456789abcdef")
        #expect(Hex.encode(0x0123_4567_89AB_CDEF as UInt64, digits: 3) == "def")
        #expect(Hex.encode(10 as UInt64, digits: 8) == "0000000a")
    }

    @Test func fillsTemplates() {
        #expect(
            Hex.fill("a-xxxx.xxxxxxxxxxxxxx;", 0x0123_4567_89AB_CDEF, 0xF0 << 56) == "a-0123.456789abcdeff0;")
    }

    @Test func decodesBothCases() { #expect(Hex.decode("00fFAb") == [0x00, 0xFF, 0xAB]) }

    @Test(arguments: ["0", "0g", "g0", " 0", "0x", "é", "00 "])
    func refuses(_ text: String) { #expect(Hex.decode(text) == nil) }
}

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func rfc4648(plain: String, encoded: String) {
        #expect(Base64.encode(plain.bytes) == encoded)
        #expect(Base64.decode(encoded) == plain.bytes)
        let unpadded = encoded.replacingOccurrences(of: "=", with: "")
        #expect(Base64.encodeURL(plain.bytes) == unpadded)
        #expect(Base64.decodeURL(unpadded) == plain.bytes)
    }

    @Test func alphabetsDifferInTwoCharacters() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        #expect(Base64.encodeURL([0xFB, 0xFF]) == "-_8")
        #expect(Base64.decode("-_8=") == nil)
        #expect(Base64.decodeURL("+/8") == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", " Zm9", "Zm9vY=g=", "Zh==", "Zm9=",
        "Zm9é",
    ])
    func strict(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test(arguments: ["Zg==", "Z", "Zh", "Zm9"])
    func strictURL(_ text: String) { #expect(Base64.decodeURL(text) == nil) }

    @Test func agreesWithFoundation() {
        var random = SeededRandom.fresh("BytesTests")
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString(), "seed \(random.seed)")
            #expect(Base64.decode(Base64.encode(bytes)) == bytes, "seed \(random.seed)")
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes, "seed \(random.seed)")
            #expect(Hex.decode(Hex.encode(bytes)) == bytes, "seed \(random.seed)")
        }
    }
}

@Suite struct PercentEncodingTests {
    @Test func keepsUnreservedOnly() {
        #expect(PercentEncoding.encode("AZaz09-._~") == "AZaz09-._~")
        #expect(PercentEncoding.encode("a b/c+d%é") == "a%20b%2Fc%2Bd%25%C3%A9")
        #expect(PercentEncoding.encode("a b/c", keeping: .unreservedAndSlash) == "a%20b/c")
        #expect(PercentEncoding.encode(bytes: [0xFF, 0x2F]) == "%FF%2F")
    }

    @Test func decodes() {
        #expect(PercentEncoding.decode("a%20b%2fc+d") == "a b/c+d")
        #expect(PercentEncoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(PercentEncoding.decode("%E4%BD%A0") == "你")
        #expect(PercentEncoding.decodeBytes("%FF", plusIsSpace: false) == [0xFF])
    }

    @Test(arguments: ["%", "a%2", "%zz", "%0g", "% 0", "%FF", "%C3", "%ED%A0%80"])
    func refuses(_ text: String) { #expect(PercentEncoding.decode(text) == nil) }
}

@Suite struct QueryTests {
    @Test func parses() {
        #expect(
            Query.parse("a=1&b&c=&a=2&&d=x=y&e+f=%20+")
                == [
                    QueryItem("a", "1"), QueryItem("b", ""), QueryItem("c", ""), QueryItem("a", "2"),
                    QueryItem("d", "x=y"), QueryItem("e f", "  "),
                ])
        #expect(Query.parse("") == [])
        #expect(Query.parse("=v") == [QueryItem("", "v")])
        #expect(Query.parse("a=1+2", plusIsSpace: false) == [QueryItem("a", "1+2")])
    }

    @Test func keepsWhatCannotBeDecoded() {
        #expect(
            Query.parse("a=%zz&%=1&b=%FF") == [
                QueryItem("a", "%zz"), QueryItem("%", "1"), QueryItem("b", "%FF"),
            ])
    }

    @Test func roundTrip() {
        let items = [QueryItem("a b", "1&2=3"), QueryItem("ü", ""), QueryItem("+", "%")]
        #expect(Query.encode(items) == "a%20b=1%262%3D3&%C3%BC=&%2B=%25")
        #expect(Query.parse(Query.encode(items)) == items)
    }
}

@Suite struct SmallThingsTests {
    @Test func utf8IsRepaired() {
        #expect(String(utf8: [0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect("é".bytes == [0xC3, 0xA9])
    }

    @Test func uuidHasVersionAndVariant() throws {
        var random = SeededRandom(seed: 7)
        let uuid = UUID4.make(using: &random)
        var same = SeededRandom(seed: 7)
        #expect(uuid == UUID4.make(using: &same))
        #expect(
            uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(Set((0..<1000).map { _ in UUID4.make() }).count == 1000)
    }

    @Test func byteOrder() {
        var bytes: [UInt8] = []
        ByteOrder.append(0x0102 as UInt16, to: &bytes)
        ByteOrder.append(0x0304_0506 as UInt32, to: &bytes)
        ByteOrder.append(0x0708_090A_0B0C_0D0E as UInt64, to: &bytes)
        #expect(bytes == Array(1...14))
        #expect(ByteOrder.read(UInt16.self, from: bytes) == 0x0102)
        #expect(ByteOrder.read(UInt32.self, from: bytes, at: 2) == 0x0304_0506)
        #expect(ByteOrder.read(UInt64.self, from: bytes, at: 6) == 0x0708_090A_0B0C_0D0E)
        #expect(ByteOrder.read(UInt64.self, from: bytes, at: 7) == nil)
        #expect(ByteOrder.read(UInt16.self, from: bytes, at: -1) == nil)
        #expect(ByteOrder.read(UInt16.self, from: [1]) == nil)
    }
}
