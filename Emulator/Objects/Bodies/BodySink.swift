import Bytes
import Store

/// Bytes that are safely stored but belong to no object yet.
enum PreparedBody: Sendable {
    case memory([UInt8])
    case blob(AdoptedBlob)

    /// Bodies up to this many bytes live in the store itself.
    static let smallBodyBytes = 16 << 10
}

/// Collects the bytes of a body: in memory while they are few, in a staged file beyond.
struct BodySink: ~Copyable {
    /// Where the sink changes from memory to a file, bytes.
    private static let memoryBytes = 1 << 20

    private let blobs: BlobStore
    private var memory: [UInt8] = []
    private var file: StagedFile?
    private var length: Int64 = 0

    init(_ blobs: BlobStore) { self.blobs = blobs }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        length += Int64(bytes.count)
        if file == nil, memory.count + bytes.count > Self.memoryBytes {
            let staged = try StagedFile(in: blobs.stagingDirectory, name: "body-\(UUID4.make())")
            try memory.withUnsafeBytes { try staged.write($0) }
            memory = []
            file = staged
        }
        if let file {
            try file.write(bytes)
        } else {
            memory.append(contentsOf: bytes)
        }
    }

    /// Makes the bytes durable. They become an object with the commit that attaches them.
    consuming func finish() throws -> PreparedBody {
        if let file {
            return .blob(AdoptedBlob(try blobs.adopt(stagedPath: file.take()), length: length, in: blobs))
        }
        if memory.count <= PreparedBody.smallBodyBytes { return .memory(memory) }
        return .blob(AdoptedBlob(try blobs.write(memory), length: length, in: blobs))
    }
}
