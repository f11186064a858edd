import Expressions
import JSON
import Tables

/// What holds for stored keys and stored items.
public enum KeyProperties {
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        switch source.byte() % 3 {
        case 0: try checkKeys(source.scalar(), source.scalar(), source.scalar())
        case 1: try checkItem(source.item())
        default: try checkDecoding(Array(bytes.dropFirst()))
        }
    }

    private static func key(_ values: AttributeValue...) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values { KeyEncoding.append(value, to: &bytes) }
        return bytes
    }

    private static func checkKeys(
        _ a: AttributeValue, _ b: AttributeValue, _ c: AttributeValue
    ) throws(PropertyFailure) {
        guard let order = a.order(comparedTo: b) else { return }
        let (x, y) = (key(a), key(b))
        let sign = UTF8Order.compare(x, y).signum()
        try require(sign == order.signum(), "keys and values order differently: \(a), \(b)")
        try require(a == b || !x.starts(with: y) && !y.starts(with: x), "one key begins another: \(a), \(b)")
        // What follows a key part must not change the order that the part has decided.
        if order != 0 {
            let longer = UTF8Order.compare(key(a, c), key(b, c)).signum()
            try require(longer == order.signum(), "a sort key changed the order: \(a), \(b), \(c)")
        }
        let (p, q) = (KeyEncoding.partition(7, [a]), KeyEncoding.partition(7, [b]))
        try require((p == q) == (a == b), "partitions of \(a) and \(b)")
        try require(Array(p[KeyEncoding.keyOffset...]) == x, "a partition without its key: \(a)")
        try checkPrefix(a, b, x)
    }

    /// A range of keys holds exactly the values that begin with a prefix.
    private static func checkPrefix(
        _ a: AttributeValue, _ b: AttributeValue, _ x: [UInt8]
    ) throws(PropertyFailure) {
        let begins: Bool
        switch (a, b) {
        case (.s(let text), .s(let start)): begins = Array(text.utf8).starts(with: Array(start.utf8))
        case (.b(let content), .b(let start)): begins = content.starts(with: start)
        default: return
        }
        var from: [UInt8] = []
        KeyEncoding.appendPrefix(b, to: &from)
        let end = KeyEncoding.successor(ofPrefix: from)
        let isInside = UTF8Order.compare(x, from) >= 0 && (end.map { UTF8Order.compare(x, $0) < 0 } ?? true)
        try require(isInside == begins, "\(a) begins with \(b)")
    }

    private static func checkItem(_ item: Item) throws(PropertyFailure) {
        try checkStored(item)
        let text = item.json.encoded()
        let parsed = try must("own JSON is refused") { () throws(JSONError) in try JSONValue.parse(text) }
        let again = try must("own item is refused") { () throws(ValidationError) in try Item(json: parsed) }
        try require(again == item, "another item after JSON: \(item.json.encodedString())")
    }

    /// Stored and read back, an item is the same; equal items have equal bytes.
    static func checkStored(_ item: Item) throws(PropertyFailure) {
        let bytes = item.encoded()
        let again = try must("stored bytes are refused") { () throws(CodecError) in try Item(decoding: bytes)
        }
        try require(again == item && again.encoded() == bytes, "another item: \(item.json.encodedString())")
        try require(again.itemSize == item.itemSize, "another size: \(item.json.encodedString())")
        if !bytes.isEmpty {
            let short = Array(bytes.dropLast())
            try require((try? Item(decoding: short)) == nil, "bytes without their last are an item")
        }
    }

    /// Damaged bytes are refused or read as something; nothing worse.
    private static func checkDecoding(_ bytes: [UInt8]) throws(PropertyFailure) {
        guard let item = try? Item(decoding: bytes) else { return }
        let stored = item.encoded()
        let again = try must("stored bytes are refused") { () throws(CodecError) in try Item(decoding: stored)
        }
        try require(again.encoded() == stored, "storing twice makes other bytes")
    }
}
