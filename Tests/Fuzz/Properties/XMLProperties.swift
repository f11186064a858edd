import AWSProtocol
import Bytes

/// What holds for the XML reader and writer, whatever they are given.
public enum XMLProperties {
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let root: XMLElement
        do throws(XMLReaderError) {
            root = try XMLReader.parse(bytes)
        } catch {
            try require((0...bytes.count).contains(error.offset), "an offset outside of the text: \(error)")
            return
        }
        var writer = XMLWriter()
        write(root, to: &writer)
        let written = writer.bytes
        let again = try must("own text is refused: \(String(utf8: written))") { () throws(XMLReaderError) in
            try XMLReader.parse(written)
        }
        try require(same(again, root), "another document after writing: \(String(utf8: written))")
    }

    private static func write(_ element: XMLElement, to writer: inout XMLWriter) {
        writer.element(element.name) { writer in
            if !element.text.isEmpty { writer.characters(element.text) }
            for child in element.children { write(child, to: &writer) }
        }
    }

    /// Byte by byte: what only looks alike is not the same.
    private static func same(_ a: XMLElement, _ b: XMLElement) -> Bool {
        a.name.utf8.elementsEqual(b.name.utf8) && a.text.utf8.elementsEqual(b.text.utf8)
            && a.children.count == b.children.count && zip(a.children, b.children).allSatisfy(same)
    }
}
