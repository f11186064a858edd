import Bytes
import Seeded
import Testing

@testable import AWSProtocol

@Suite struct XMLTests {
    private func parse(_ text: String) throws -> XMLElement { try XMLReader.parse(text.bytes) }

    @Test func writesAndEscapes() {
        var xml = XMLWriter()
        xml.element("A", namespace: "urn:x") { xml in
            xml.text("B", "<&>\"\r\u{1}é")
            xml.text("C", "")
            xml.text("N", 7)
            xml.element("D") { $0.text("T", true) }
        }
        #expect(
            String(utf8: xml.bytes) == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"urn:x\">"
                + "<B>&lt;&amp;&gt;&quot;&#xd;&#x1;é</B><C/><N>7</N><D><T>true</T></D></A>")
    }

    @Test func readsElementsTextAndReferences() throws {
        let root = try parse(
            "\u{FEFF}<?xml version='1.0'?><!-- c --><s:A xmlns:s='x' a=\"1>2\"><B> a &lt;&#65;&#x42;&amp;"
                + "<![CDATA[<raw>&]]></B>\n<B/><C x='y'>l\r\nm\rn</C></s:A>\n<!-- end -->")
        #expect(root.name == "A")
        #expect(root.all("B").map(\.text) == [" a <AB&<raw>&", ""])
        #expect(root["C"] == "l\nm\nn")
        #expect(root.child("Z") == nil)
    }

    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><!ENTITY x 'y'></a>", "<a>&x;</a>", "<a>&#0x;</a>",
        "<a>&#xD800;</a>", "<a>", "<a></b>", "<a/><b/>", "", "x", "<a b></a>", "<a b=c></a>", "<a b='<'/>",
        "<a b='x", "<a>&amp</a>", "<a><![CDATA[x</a>", "< a/>", "<a></a >x",
    ])
    func refuses(_ text: String) {
        #expect(throws: XMLReaderError.self) { try XMLReader.parse(text.bytes) }
    }

    @Test func refusesBadBytesDepthAndSize() {
        #expect(throws: XMLReaderError.self) { try XMLReader.parse([0x3C, 0x61, 0x3E, 0xFF]) }
        let deep = String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)
        #expect(throws: XMLReaderError.self) { try XMLReader.parse(deep.bytes) }
        var limits = XMLReader.Limits()
        limits.maxBytes = 3
        #expect(throws: XMLReaderError.self) { try XMLReader.parse("<a/>".bytes, limits: limits) }
        limits = XMLReader.Limits()
        limits.maxElements = 2
        #expect(throws: XMLReaderError.self) { try XMLReader.parse("<a><b/><c/></a>".bytes, limits: limits) }
    }

    @Test func survivesRandomBytes() {
        var random = SeededRandom.fresh("XMLTests")
        let alphabet = Array("<>/!?-[]&;#x'\"= aA\r\n".utf8)
        for _ in 0..<2000 {
            let length = Int.random(in: 0..<60, using: &random)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            guard let root = try? XMLReader.parse(bytes) else { continue }
            #expect(!root.name.isEmpty, "seed \(random.seed)")
        }
    }
}
