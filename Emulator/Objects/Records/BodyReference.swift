import Store

/// Where the bytes of an object or part are.
enum BodyReference: Sendable, Equatable {
    case empty
    /// In keyspace `smallBodies` under this number: a file of its own would cost more than it holds.
    case small(UInt64)
    case blob(BlobID)
    /// In the bodies of the parts in which the object was uploaded.
    case parts(PartList)

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .empty
        case 1: self = .small(try reader.uint64())
        case 2:
            guard let id = BlobID(try reader.string()) else { throw reader.failure() }
            self = .blob(id)
        case 3: self = .parts(try PartList(from: &reader))
        default: throw reader.failure()
        }
    }

    func write(to writer: inout RecordWriter) {
        switch self {
        case .empty: writer.put(UInt8(0))
        case .small(let number):
            writer.put(UInt8(1))
            writer.put(number)
        case .blob(let id):
            writer.put(UInt8(2))
            writer.put(id.text)
        case .parts(let list):
            writer.put(UInt8(3))
            list.write(to: &writer)
        }
    }
}
