import Bytes
import Store

/// One part of an object that was uploaded in parts. The parts' bodies are the object's body: they are never
/// joined.
struct ObjectPart: Sendable, Equatable {
    /// As the client numbered it.
    var number: Int
    /// Where the part begins in the object, bytes.
    var start: Int64
    /// Bytes.
    var size: Int64
    /// Of the part's bytes, whatever other checksum the client asked for.
    var crc64: UInt64
    /// As the client was told when it uploaded the part.
    var checksum: StoredChecksum
    var body: BodyReference

    var range: Range<Int64> { start..<start + size }

    private static let versions: ClosedRange<UInt8> = 1...1

    init(number: Int, start: Int64, _ part: PartRecord, crc64: UInt64) {
        self.number = number
        self.start = start
        size = part.size
        self.crc64 = crc64
        checksum = part.checksum
        body = part.body
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "object part")
        number = Int(try reader.uint16())
        start = try reader.int64()
        size = try reader.int64()
        crc64 = try reader.uint64()
        checksum = try StoredChecksum(from: &reader)
        body = try BodyReference(from: &reader)
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(UInt16(number))
        writer.put(start)
        writer.put(size)
        writer.put(crc64)
        checksum.write(to: &writer)
        body.write(to: &writer)
        return writer.bytes
    }
}

/// The parts of one object, in order. Each has a record of its own, so that reading some bytes of ten thousand
/// parts costs a few look-ups.
struct PartList: Sendable, Equatable {
    let id: UInt64
    /// At least 1.
    let count: Int

    /// Stores the parts of a new object.
    init(_ parts: [ObjectPart], in transaction: Transaction) {
        id = transaction.nextSequence()
        count = parts.count
        for (index, part) in parts.enumerated() {
            transaction.put(.objects, StorageKeys.objectPart(id, index), part.encoded())
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        id = try reader.uint64()
        count = Int(try reader.uint16())
    }

    func write(to writer: inout RecordWriter) {
        writer.put(id)
        writer.put(UInt16(count))
    }

    /// - Parameter index: from 0.
    func part(at index: Int, in reader: any Reading) throws -> ObjectPart {
        guard let bytes = try reader.get(.objects, StorageKeys.objectPart(id, index)) else {
            throw RecordError(record: "object part")
        }
        return try ObjectPart(decoding: bytes)
    }

    /// Visits the parts from that index on, until `body` returns false.
    func scan(
        from index: Int = 0, in reader: any Reading, _ body: (ObjectPart) throws -> Bool
    ) throws {
        let end = StorageKeys.successor(of: StorageKeys.objectParts(id))
        try reader.scan(.objects, from: StorageKeys.objectPart(id, index), to: end, reverse: false) {
            try body(try ObjectPart(decoding: $1))
        }
    }

    /// The parts that hold bytes of `range`.
    func parts(in range: Range<Int64>, _ reader: any Reading) throws -> [ObjectPart] {
        guard !range.isEmpty else { return [] }
        // The last part that begins at the range's start or before.
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if try part(at: middle, in: reader).start <= range.lowerBound {
                low = middle
            } else {
                high = middle - 1
            }
        }
        var found: [ObjectPart] = []
        try scan(from: low, in: reader) { part in
            guard part.start < range.upperBound else { return false }
            if part.range.overlaps(range) { found.append(part) }
            return true
        }
        return found
    }

    /// Gives the parts up: their records and bodies go in the background.
    func release(in transaction: Transaction) throws {
        try LeftParts.leave(StorageKeys.objectParts(id), in: transaction)
    }
}
