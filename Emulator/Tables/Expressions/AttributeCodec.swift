/// Stored bytes that are not an encoded value: the database is damaged.
public struct CodecError: Error, Sendable, Equatable, CustomStringConvertible {
    public let offset: Int
    public var description: String { "malformed stored value at byte \(offset)" }
}

/// A cursor over stored bytes that never reads past their end.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() throws(CodecError) -> UInt8 {
        guard offset < bytes.count else { throw CodecError(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// LEB128.
    mutating func length() throws(CodecError) -> Int {
        var (value, shift) = (0, 0)
        while true {
            let next = try byte()
            guard shift < 35 else { throw CodecError(offset: offset) }
            value |= Int(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func slice() throws(CodecError) -> ArraySlice<UInt8> {
        let count = try length()
        guard count <= bytes.count - offset else { throw CodecError(offset: offset) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func text() throws(CodecError) -> String { String(decoding: try slice(), as: UTF8.self) }
}

/// How the type of a stored value is told.
enum StoredTag {
    static let s: UInt8 = 1
    static let n: UInt8 = 2
    static let b: UInt8 = 3
    static let ss: UInt8 = 4
    static let ns: UInt8 = 5
    static let bs: UInt8 = 6
    static let m: UInt8 = 7
    static let l: UInt8 = 8
    static let no: UInt8 = 9
    static let yes: UInt8 = 10
    static let null: UInt8 = 11
}

private func append(length: Int, to bytes: inout [UInt8]) {
    var rest = length
    while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    }
    bytes.append(UInt8(rest))
}

private func append(text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { text in
        append(length: text.count, to: &bytes)
        bytes.append(contentsOf: text)
    }
}

extension AttributeValue {
    /// Appends the stored form: a tag, lengths as LEB128, content.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .s(let text):
            bytes.append(StoredTag.s)
            append(text: text, to: &bytes)
        case .n(let number):
            bytes.append(StoredTag.n)
            number.encode(into: &bytes)
        case .b(let content):
            bytes.append(StoredTag.b)
            append(length: content.count, to: &bytes)
            bytes.append(contentsOf: content)
        case .ss(let members):
            bytes.append(StoredTag.ss)
            append(length: members.count, to: &bytes)
            for member in members { append(text: member, to: &bytes) }
        case .ns(let members):
            bytes.append(StoredTag.ns)
            append(length: members.count, to: &bytes)
            for member in members { member.encode(into: &bytes) }
        case .bs(let members):
            bytes.append(StoredTag.bs)
            append(length: members.count, to: &bytes)
            for member in members {
                append(length: member.count, to: &bytes)
                bytes.append(contentsOf: member)
            }
        case .m(let map):
            bytes.append(StoredTag.m)
            map.encode(into: &bytes)
        case .l(let members):
            bytes.append(StoredTag.l)
            append(length: members.count, to: &bytes)
            for member in members { member.encode(into: &bytes) }
        case .bool(let flag): bytes.append(flag ? StoredTag.yes : StoredTag.no)
        case .null: bytes.append(StoredTag.null)
        }
    }

    init(decoding reader: inout ByteReader) throws(CodecError) {
        switch try reader.byte() {
        case StoredTag.s: self = .s(try reader.text())
        case StoredTag.n: self = .n(try DecimalNumber(decoding: &reader))
        case StoredTag.b: self = .b(Array(try reader.slice()))
        case StoredTag.ss: self = .ss(try Self.members(&reader) { r throws(CodecError) in try r.text() })
        case StoredTag.ns:
            self = .ns(try Self.members(&reader) { r throws(CodecError) in try DecimalNumber(decoding: &r) })
        case StoredTag.bs:
            self = .bs(try Self.members(&reader) { r throws(CodecError) in Array(try r.slice()) })
        case StoredTag.m: self = .m(try AttributeMap(decoding: &reader))
        case StoredTag.l:
            self = .l(try Self.members(&reader) { r throws(CodecError) in try AttributeValue(decoding: &r) })
        case StoredTag.no: self = .bool(false)
        case StoredTag.yes: self = .bool(true)
        case StoredTag.null: self = .null
        default: throw CodecError(offset: reader.offset)
        }
    }

    private static func members<T>(
        _ reader: inout ByteReader, _ one: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> [T] {
        let count = try reader.length()
        var result: [T] = []
        result.reserveCapacity(min(count, reader.bytes.count))
        for _ in 0..<count { result.append(try one(&reader)) }
        return result
    }
}

extension AttributeMap {
    /// Appends the stored form: the count, then names and values.
    public func encode(into bytes: inout [UInt8]) {
        append(length: entries.count, to: &bytes)
        for entry in entries {
            append(text: entry.name, to: &bytes)
            entry.value.encode(into: &bytes)
        }
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        encode(into: &bytes)
        return bytes
    }

    /// - Throws: `CodecError` when the bytes are not exactly one encoded map.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        self = try AttributeMap(decoding: &reader)
        guard reader.isAtEnd else { throw CodecError(offset: reader.offset) }
    }

    init(decoding reader: inout ByteReader) throws(CodecError) {
        let count = try reader.length()
        var entries: [Entry] = []
        entries.reserveCapacity(Swift.min(count, reader.bytes.count))
        for _ in 0..<count {
            let name = try reader.text()
            entries.append(Entry(name: name, value: try AttributeValue(decoding: &reader)))
        }
        self.init(sorted: entries)
    }
}
