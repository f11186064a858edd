import Bytes
import Store

/// A note that the parts of an object or of an upload that is gone are still stored. There may be ten thousand:
/// they go in portions, in the background, so that nobody's commit waits for all of them.
struct LeftParts: Sendable {
    /// What the keys of the parts' records begin with; the rest is each part's place.
    let prefix: [UInt8]
    /// Parts before this place are removed. A search that began with these would read across all of them.
    var next: UInt16 = 0

    private static let version: UInt8 = 1

    private init(prefix: [UInt8]) { self.prefix = prefix }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(
            bytes, versions: Self.version...Self.version, record: "left parts")
        prefix = try reader.byteString()
        next = try reader.uint16()
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(prefix)
        writer.put(next)
        return writer.bytes
    }

    /// Leaves the parts whose records' keys begin so; does nothing when there are none.
    static func leave(_ prefix: [UInt8], in transaction: Transaction) throws {
        let parts = LeftParts(prefix: prefix)
        var isEmpty = true
        try parts.scan(in: transaction) { _ in
            isEmpty = false
            return false
        }
        if isEmpty { return }
        transaction.put(.objects, StorageKeys.leftParts(transaction.nextSequence()), parts.encoded())
        transaction.leaveWork()
    }

    /// The note when that part is the next to go.
    func going(on place: UInt16) -> LeftParts {
        var rest = self
        rest.next = place
        return rest
    }

    /// One part's record.
    struct Part: Sendable {
        var key: [UInt8]
        var place: UInt16
        var body: BodyReference
    }

    /// Visits the parts that are not removed yet, until `body` returns false.
    func scan(in reader: any Reading, _ body: (Part) throws -> Bool) throws {
        let (from, to) = (prefix + ByteOrder.bytes(next), StorageKeys.successor(of: prefix))
        try reader.scan(.objects, from: from, to: to) { key, value in
            guard let place = ByteOrder.read(UInt16.self, from: key, at: prefix.count) else {
                throw RecordError(record: "part")
            }
            let reference =
                isUpload ? try PartRecord(decoding: value).body : try ObjectPart(decoding: value).body
            return try body(Part(key: key, place: place, body: reference))
        }
    }

    /// Whether these are parts of an upload, not of an object.
    var isUpload: Bool { StorageKeys.isPart(prefix) }
}
