import AWSProtocol
import Bytes
import Clock
import Store

/// The versions of one key, newest first: the current object stands where listings look, all others and all
/// delete markers stand apart, so that listing a bucket costs the same with versions as without. When no
/// object is current, then nothing is stored or a delete marker is the newest version, and its place is noted:
/// to look for it would mean to read across all newer versions that were removed.
struct Versions: Sendable {
    let bucket: String
    let key: [UInt8]

    private var place: [UInt8] { StorageKeys.object(bucket, key) }
    private var nullPlace: [UInt8] { StorageKeys.nullVersion(bucket, key) }
    private var markerPlace: [UInt8] { StorageKeys.newestMarker(bucket, key) }

    private func place(_ order: UInt64) -> [UInt8] { StorageKeys.version(bucket, key, order: order) }

    // MARK: - Reading

    /// The object that a request without `versionId` means; nil when there is none or it was deleted.
    func current(in reader: any Reading) throws -> ObjectRecord? {
        try reader.get(.objects, place).map(ObjectRecord.init(decoding:))
    }

    /// The newest version, which may be a delete marker.
    func newest(in reader: any Reading) throws -> ObjectRecord? {
        if let current = try current(in: reader) { return current }
        if let order = try orderOfNewestMarker(in: reader),
            let bytes = try reader.get(.objects, place(order))
        {
            return try ObjectRecord(decoding: bytes)
        }
        return try newestAside(in: reader)
    }

    func find(_ version: VersionID, in reader: any Reading) throws -> ObjectRecord? {
        if let current = try current(in: reader), current.version == version { return current }
        guard let order = try version == .null ? orderOfNullAside(in: reader) : version.order,
            let bytes = try reader.get(.objects, place(order))
        else { return nil }
        let record = try ObjectRecord(decoding: bytes)
        return record.version == version ? record : nil
    }

    /// All versions but the current object, newest first, until `body` returns false.
    func scanAside(in reader: any Reading, _ body: (ObjectRecord) throws -> Bool) throws {
        let prefix = StorageKeys.versions(of: bucket, key)
        try reader.scan(.objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false) {
            try body(try ObjectRecord(decoding: $1))
        }
    }

    /// Whether a version stands aside at that place.
    func hasAside(_ order: UInt64, in reader: any Reading) throws -> Bool {
        try reader.get(.objects, place(order)) != nil
    }

    /// - Parameter order: only versions older than that count.
    private func newestAside(below order: UInt64? = nil, in reader: any Reading) throws
        -> ObjectRecord?
    {
        let prefix = StorageKeys.versions(of: bucket, key)
        var newest: ObjectRecord?
        try reader.scan(
            .objects, from: order.map { place($0) + [0] } ?? prefix, to: StorageKeys.successor(of: prefix)
        ) {
            newest = try ObjectRecord(decoding: $1)
            return false
        }
        return newest
    }

    /// Whether a version that stands aside is the newest one of all, and so no noncurrent one.
    func isNewest(_ record: ObjectRecord, in reader: any Reading) throws -> Bool {
        // An object would be current.
        guard record.isDeleteMarker, try current(in: reader) == nil else { return false }
        if let order = try orderOfNewestMarker(in: reader) { return order == record.order }
        // Written by an earlier version of this program.
        return try newestAside(in: reader)?.order == record.order
    }

    private func orderOfNewestMarker(in reader: any Reading) throws -> UInt64? {
        try reader.get(.objects, markerPlace).flatMap { ByteOrder.read(UInt64.self, from: $0, at: 0) }
    }

    /// The place of a version among the key's, if it may have one; that of `null` is looked up.
    func order(of version: VersionID, in reader: any Reading) throws -> UInt64? {
        guard case .null = version else { return version.order }
        if let current = try current(in: reader), current.version == .null { return current.order }
        return try orderOfNullAside(in: reader)
    }

    private func orderOfNullAside(in reader: any Reading) throws -> UInt64? {
        try reader.get(.objects, nullPlace).flatMap { ByteOrder.read(UInt64.self, from: $0, at: 0) }
    }

    // MARK: - Writing

    /// Makes `record` the newest version, under the identifier that the bucket's versioning gives it.
    /// - Parameter time: when it happens; by default the record's own date.
    /// - Returns: the record as stored.
    func add(
        _ record: ObjectRecord, versioning: BucketRecord.Versioning, at time: Timestamp? = nil,
        in transaction: Transaction
    ) throws -> ObjectRecord {
        var record = record
        record.order = transaction.nextSequence()
        var random = BufferedRandomNumberGenerator()
        record.version = versioning == .enabled ? VersionID(order: record.order, using: &random) : .null
        var old = try current(in: transaction)
        old?.noncurrentSince = time ?? record.lastModified
        if versioning == .enabled {
            if let old { setAside(old, in: transaction) }
        } else {
            if let old {
                if old.version == .null {
                    try release(old, in: transaction)
                } else {
                    setAside(old, in: transaction)
                }
            }
            if versioning == .suspended { try removeNullAside(in: transaction) }
        }
        if record.isDeleteMarker {
            if old != nil { transaction.delete(.objects, place) }
            setAside(record, in: transaction)
            transaction.put(.objects, markerPlace, ByteOrder.bytes(record.order))
        } else {
            if versioning != .never, old == nil, try transaction.get(.objects, markerPlace) != nil {
                transaction.delete(.objects, markerPlace)
            }
            transaction.put(.objects, place, record.encoded())
        }
        return record
    }

    /// Writes a version anew whose bytes stay, such as after tagging.
    func update(_ record: ObjectRecord, in transaction: Transaction) throws {
        if try current(in: transaction)?.version == record.version {
            transaction.put(.objects, place, record.encoded())
        } else {
            transaction.put(.objects, place(record.order), record.encoded())
        }
    }

    /// Removes a version with its bytes, for good. The one below it may become current.
    func remove(_ record: ObjectRecord, in transaction: Transaction) throws {
        try release(record, in: transaction)
        if try current(in: transaction)?.version == record.version {
            transaction.delete(.objects, place)
        } else {
            let wasNewest = try isNewest(record, in: transaction)
            transaction.delete(.objects, place(record.order))
            if record.version == .null { transaction.delete(.objects, nullPlace) }
            guard wasNewest else { return }
            transaction.delete(.objects, markerPlace)
        }
        guard let next = try newestAside(below: record.order, in: transaction) else { return }
        guard !next.isDeleteMarker else {
            transaction.put(.objects, markerPlace, ByteOrder.bytes(next.order))
            return
        }
        transaction.delete(.objects, place(next.order))
        if next.version == .null { transaction.delete(.objects, nullPlace) }
        transaction.put(.objects, place, next.encoded())
    }

    private func setAside(_ record: ObjectRecord, in transaction: Transaction) {
        transaction.put(.objects, place(record.order), record.encoded())
        if record.version == .null {
            transaction.put(.objects, nullPlace, ByteOrder.bytes(record.order))
        }
    }

    private func removeNullAside(in transaction: Transaction) throws {
        guard let order = try orderOfNullAside(in: transaction) else { return }
        if let bytes = try transaction.get(.objects, place(order)) {
            try release(try ObjectRecord(decoding: bytes), in: transaction)
        }
        transaction.delete(.objects, place(order))
        transaction.delete(.objects, nullPlace)
    }

    private func release(_ record: ObjectRecord, in transaction: Transaction) throws {
        try ObjectsCore.release(record.body, in: transaction)
    }
}
