import AWSProtocol
import Bytes
import Clock
import Digests
import HTTPTypes
import Store
import Synchronization

/// What every operation works with.
///
/// An object, since every step of an operation passes it on.
final class ObjectsCore: Sendable {
    let store: Store
    let configuration: ObjectsService.Configuration
    let clock: any WallClock
    let runBlocking: ObjectsService.BlockingRunner
    /// The functions that events may go to.
    let functions: EventQueue
    /// Where the operator reads what went wrong beside requests.
    let log: @Sendable (String) -> Void
    let deliveries = DeliveryDesk()
    let unreadable: UnreadableRecords
    let lifecycle = LifecycleDesk()
    let removals = RemovalDesk()
    let work = BackgroundWork<ObjectsCore>([
        CompletedUploadsSweep.self, EventDelivery.self, RestoreExpiry.self, LifecycleWork.self,
        PartRemoval.self,
    ])

    let buckets = BucketCache()
    /// S3's canonical user id: 64 hexadecimal digits that stand for the account.
    let ownerID: String

    init(
        store: Store, configuration: ObjectsService.Configuration, clock: any WallClock,
        runBlocking: @escaping ObjectsService.BlockingRunner, functions: EventQueue,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.configuration = configuration
        self.clock = clock
        self.runBlocking = runBlocking
        self.functions = functions
        self.log = log
        unreadable = UnreadableRecords(log)
        ownerID = Self.ownerID(of: configuration.accountID)
    }

    static func ownerID(of account: String) -> String { SHA256.hex("canonical user of \(account)") }

    // MARK: - Reading records

    func bucket(_ name: String, in reader: any Reading) throws -> BucketRecord {
        guard let record = try buckets.record(name, in: reader) else { throw AWSError.noSuchBucket(name) }
        return record
    }

    /// Changes what is stored of a bucket.
    func changeBucket(_ name: String, _ change: @escaping @Sendable (inout BucketRecord) throws -> Void)
        async throws
    {
        try await store.commit { transaction in
            var record = try self.bucket(name, in: transaction)
            try change(&record)
            transaction.put(.objects, StorageKeys.bucket(name), record.encoded())
        }
    }

    func upload(_ id: String, _ bucket: String, _ key: [UInt8], in reader: any Reading) throws -> UploadRecord
    {
        _ = try self.bucket(bucket, in: reader)
        guard let bytes = try reader.get(.objects, StorageKeys.upload(bucket, key, id)) else {
            throw AWSError.noSuchUpload(id)
        }
        return try UploadRecord(decoding: bytes)
    }

    /// The uploaded parts in ascending order.
    func parts(of uploadID: String, in reader: any Reading) throws -> [(number: Int, record: PartRecord)] {
        let prefix = StorageKeys.partPrefix(uploadID)
        var parts: [(number: Int, record: PartRecord)] = []
        try reader.scan(.objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false) {
            key, value in
            let number = ByteOrder.read(UInt16.self, from: key, at: prefix.count) ?? 0
            parts.append((number: Int(number), record: try PartRecord(decoding: value)))
            return true
        }
        return parts
    }

    // MARK: - Bodies

    /// The bytes behind a record, or those of a range. A blob is opened while the snapshot holds it, so that an
    /// overwrite cannot take it away from a reader; blobs that are to be opened later are held.
    func open(
        _ body: BodyReference, size: Int64, range: Range<Int64>? = nil, in reader: any Reading
    ) throws -> HTTPBody {
        if case .parts(let list) = body { return try open(list, range ?? 0..<size, in: reader) }
        let whole = try openWhole(body, size: size, in: reader)
        return range.map { GetObject.slice(whole, $0) } ?? whole
    }

    private func open(_ list: PartList, _ range: Range<Int64>, in reader: any Reading) throws -> HTTPBody {
        let parts = try list.parts(in: range, reader)
        if parts.count == 1, let part = parts.first {
            let common = range.clamped(to: part.range)
            return try open(
                part.body, size: part.size,
                range: common.lowerBound - part.start..<common.upperBound - part.start, in: reader)
        }
        var pieces: [PiecedBody.Piece] = []
        var blobs: [BlobID] = []
        for part in parts {
            switch part.body {
            case .blob(let id):
                blobs.append(id)
                pieces.append(.file(path: store.blobs.path(of: id), offset: 0, length: part.size))
            case .small, .empty:
                if let bytes = try openWhole(part.body, size: part.size, in: reader).bytes {
                    pieces.append(.bytes(bytes))
                }
            case .parts: throw AWSError.internalFailure
            }
        }
        let start = parts.first?.start ?? range.lowerBound
        let body = PiecedBody(pieces, keeper: store.blobs.hold(blobs))
        return .pieces(body.slice(range.lowerBound - start..<range.upperBound - start))
    }

    private func openWhole(_ body: BodyReference, size: Int64, in reader: any Reading) throws -> HTTPBody {
        switch body {
        case .empty: return .empty
        case .small(let number):
            guard let bytes = try reader.get(.smallBodies, ByteOrder.bytes(number)) else {
                throw AWSError.internalFailure
            }
            return .bytes(bytes)
        case .blob(let id):
            return .file(OpenFile(adopting: try store.blobs.open(id)), offset: 0, length: size)
        case .parts: throw AWSError.internalFailure
        }
    }

    /// Ties a prepared body to the record that is written in the same transaction. Comes first in a
    /// transaction: the store removes the file of an attached blob when the rest fails.
    static func attach(_ body: PreparedBody, in transaction: Transaction) -> BodyReference {
        switch body {
        case .memory(let bytes):
            if bytes.isEmpty { return .empty }
            let number = transaction.nextSequence()
            transaction.put(.smallBodies, ByteOrder.bytes(number), bytes)
            return .small(number)
        case .blob(let blob):
            transaction.attach(blob.id, length: blob.length)
            return .blob(blob.id)
        }
    }

    static func release(_ body: BodyReference, in transaction: Transaction) throws {
        switch body {
        case .empty: break
        case .small(let number): transaction.delete(.smallBodies, ByteOrder.bytes(number))
        case .blob(let id): transaction.release(id)
        case .parts(let list): try list.release(in: transaction)
        }
    }

    /// Runs work that waits for disks or digests a large body away from the event loop.
    func blocking<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        let box = ResultBox<R>()
        try await runBlocking {
            let result = Result { try work() }
            box.result.withLock { $0 = result }
        }
        guard let result = box.result.withLock({ $0 }) else { throw AWSError.internalFailure }
        return try result.get()
    }
}

/// Carries a result from one thread to another.
private final class ResultBox<R: Sendable>: Sendable {
    let result = Mutex<Result<R, any Error>?>(nil)
}

extension ObjectsCore {
    static let xmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// An answer with an XML document.
    static func xml(_ root: String, _ children: (inout XMLWriter) -> Void) -> HTTPResponse {
        var writer = XMLWriter()
        writer.element(root, namespace: xmlNamespace, children)
        return answer(writer)
    }

    static func answer(_ writer: XMLWriter) -> HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": "application/xml"], body: .bytes(writer.bytes))
    }
}

extension ObjectsCore {
    /// Reads a request's body to its end and stores it. A small one is quicker done here than handed
    /// to another thread.
    func accept(_ body: HTTPBody, _ claim: BodyClaim) async throws -> AcceptedBody {
        let blobs = store.blobs
        if body.bytes != nil, body.length <= Int64(PreparedBody.smallBodyBytes) {
            return try BodyIntake.accept(body, claim, blobs)
        }
        return try await blocking { try BodyIntake.accept(body, claim, blobs) }
    }
}
