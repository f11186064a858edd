import Bytes
import Clock

/// A stored record cannot be read: it was damaged, or written by a later version.
struct RecordError: Error, CustomStringConvertible {
    var record: String
    var description: String { "stored record of kind \(record) is damaged or of a later version" }
}

/// Writes the fields of a record in a fixed order. Numbers are big-endian; texts and byte strings are
/// preceded by their length.
struct RecordWriter {
    private(set) var bytes: [UInt8]

    init(version: UInt8) { bytes = [version] }

    mutating func put(_ value: UInt8) { bytes.append(value) }
    mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }
    mutating func put(_ value: UInt16) { ByteOrder.append(value, to: &bytes) }
    mutating func put(_ value: UInt32) { ByteOrder.append(value, to: &bytes) }
    mutating func put(_ value: UInt64) { ByteOrder.append(value, to: &bytes) }
    mutating func put(_ value: Int64) { put(UInt64(bitPattern: value)) }
    mutating func put(_ time: Timestamp) { put(time.milliseconds) }
    mutating func put(_ value: String) { put(Array(value.utf8)) }

    mutating func put(_ value: [UInt8]) {
        put(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func put<Element>(list: [Element], _ each: (inout RecordWriter, Element) -> Void) {
        put(UInt32(list.count))
        for element in list { each(&self, element) }
    }

    mutating func put<Value>(optional value: Value?, _ write: (inout RecordWriter, Value) -> Void) {
        put(value != nil)
        if let value { write(&self, value) }
    }
}

/// Reads what ``RecordWriter`` wrote.
struct RecordReader {
    private let bytes: [UInt8]
    private let record: String
    private var position = 1
    /// Which form of the record this is; a later one has more fields.
    let version: UInt8

    init(_ bytes: [UInt8], versions: ClosedRange<UInt8>, record: String) throws(RecordError) {
        guard let version = bytes.first, versions.contains(version) else { throw RecordError(record: record) }
        self.bytes = bytes
        self.record = record
        self.version = version
    }

    mutating func byte() throws(RecordError) -> UInt8 { try integer(UInt8.self) }
    mutating func bool() throws(RecordError) -> Bool { try byte() != 0 }
    mutating func uint16() throws(RecordError) -> UInt16 { try integer(UInt16.self) }
    mutating func uint64() throws(RecordError) -> UInt64 { try integer(UInt64.self) }
    mutating func int64() throws(RecordError) -> Int64 { Int64(bitPattern: try uint64()) }
    mutating func timestamp() throws(RecordError) -> Timestamp { Timestamp(milliseconds: try int64()) }
    mutating func string() throws(RecordError) -> String {
        String(decoding: bytes[try countedRange()], as: UTF8.self)
    }

    mutating func byteString() throws(RecordError) -> [UInt8] { Array(bytes[try countedRange()]) }

    private mutating func countedRange() throws(RecordError) -> Range<Int> {
        let count = Int(try integer(UInt32.self))
        guard count <= bytes.count - position else { throw RecordError(record: record) }
        defer { position += count }
        return position..<(position + count)
    }

    mutating func list<Element>(
        _ each: (inout RecordReader) throws(RecordError) -> Element
    ) throws(RecordError) -> [Element] {
        let count = Int(try integer(UInt32.self))
        var list: [Element] = []
        for _ in 0..<count { list.append(try each(&self)) }
        return list
    }

    mutating func optional<Value>(
        _ read: (inout RecordReader) throws(RecordError) -> Value
    ) throws(RecordError) -> Value? {
        try bool() ? try read(&self) : nil
    }

    func failure() -> RecordError { RecordError(record: record) }

    private mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type
    ) throws(RecordError) -> Value {
        guard let value = ByteOrder.read(type, from: bytes, at: position) else {
            throw RecordError(record: record)
        }
        position += Value.bitWidth / 8
        return value
    }
}
