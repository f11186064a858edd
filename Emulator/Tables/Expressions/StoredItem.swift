import Bytes
import JSON

/// Items in their stored form, shown without being made into values first: most reads return all of an item,
/// and then its values would live only to be written out again.
public enum StoredItem {
    /// Appends the item as a response carries it: what `AttributeMap(decoding:)` and its `json` would give.
    /// - Returns: what `itemSize` would be, bytes.
    /// - Throws: `CodecError` when the bytes are not exactly one encoded map; what was appended is of no use.
    public static func append(
        _ stored: UnsafeRawBufferPointer, to text: inout JSONText
    ) throws(CodecError) -> Int {
        var walker = StoredWalker(bytes: stored)
        let size = try walker.map(to: &text, sizeOfEntry: 0)
        guard walker.offset == stored.count else { throw CodecError(offset: walker.offset) }
        return size
    }
}

/// Walks over stored values, writing each as JSON and adding up what it costs in an item.
private struct StoredWalker {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func byte() throws(CodecError) -> UInt8 {
        guard offset < bytes.count else { throw CodecError(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func length() throws(CodecError) -> Int {
        let first = try byte()
        if first < 0x80 { return Int(first) }
        var (value, shift) = (Int(first & 0x7F), 7)
        while true {
            let next = try byte()
            guard shift < 35 else { throw CodecError(offset: offset) }
            value |= Int(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    private mutating func slice() throws(CodecError) -> UnsafeRawBufferPointer {
        let count = try length()
        guard count <= bytes.count - offset else { throw CodecError(offset: offset) }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// - Parameter sizeOfEntry: what each entry costs beside its name and value.
    mutating func map(to text: inout JSONText, sizeOfEntry: Int) throws(CodecError) -> Int {
        let count = try length()
        var size = 0
        text.append(byte: 0x7B)
        for index in 0..<count {
            if index > 0 { text.append(byte: 0x2C) }
            let name = try slice()
            text.append(string: name)
            text.append(byte: 0x3A)
            size += sizeOfEntry + name.count + (try value(to: &text))
        }
        text.append(byte: 0x7D)
        return size
    }

    private mutating func value(to text: inout JSONText) throws(CodecError) -> Int {
        var size = 1
        switch try byte() {
        case StoredTag.s:
            text.append("{\"S\":")
            size = try string(to: &text)
        case StoredTag.n:
            text.append("{\"N\":")
            size = try number(to: &text)
        case StoredTag.b:
            text.append("{\"B\":")
            size = try binary(to: &text)
        case StoredTag.ss:
            text.append("{\"SS\":")
            size = try members(to: &text) { w, t throws(CodecError) in try w.string(to: &t) }
        case StoredTag.ns:
            text.append("{\"NS\":")
            size = try members(to: &text) { w, t throws(CodecError) in try w.number(to: &t) }
        case StoredTag.bs:
            text.append("{\"BS\":")
            size = try members(to: &text) { w, t throws(CodecError) in try w.binary(to: &t) }
        case StoredTag.m:
            text.append("{\"M\":")
            size = 3 + (try map(to: &text, sizeOfEntry: 1))
        case StoredTag.l:
            text.append("{\"L\":")
            size = 3 + (try members(to: &text) { w, t throws(CodecError) in 1 + (try w.value(to: &t)) })
        case StoredTag.no: text.append("{\"BOOL\":false")
        case StoredTag.yes: text.append("{\"BOOL\":true")
        case StoredTag.null: text.append("{\"NULL\":true")
        default: throw CodecError(offset: offset)
        }
        text.append(byte: 0x7D)
        return size
    }

    private mutating func members(
        to text: inout JSONText,
        _ one: (inout StoredWalker, inout JSONText) throws(CodecError) -> Int
    ) throws(CodecError) -> Int {
        let count = try length()
        var size = 0
        text.append(byte: 0x5B)
        for index in 0..<count {
            if index > 0 { text.append(byte: 0x2C) }
            size += try one(&self, &text)
        }
        text.append(byte: 0x5D)
        return size
    }

    private mutating func string(to text: inout JSONText) throws(CodecError) -> Int {
        let content = try slice()
        text.append(string: content)
        return content.count
    }

    private mutating func binary(to text: inout JSONText) throws(CodecError) -> Int {
        let content = try slice()
        text.append(string: Base64.encode(content))
        return content.count
    }

    private mutating func number(to text: inout JSONText) throws(CodecError) -> Int {
        let number = try DecimalNumber(head: byte()) { () throws(CodecError) in try byte() }
        text.append(byte: 0x22)
        number.append(to: &text)
        text.append(byte: 0x22)
        return number.size
    }
}

extension DecimalNumber {
    /// Appends what `description` says.
    fileprivate func append(to text: inout JSONText) {
        // Nearly all numbers are plain integers of a machine word.
        guard exponent == 0, let plain = UInt64(exactly: coefficient) else {
            text.append(raw: Array(description.utf8))
            return
        }
        if isNegative { text.append(byte: 0x2D) }
        var rest = plain
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            text.append(raw: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[start...])))
        }
    }
}
