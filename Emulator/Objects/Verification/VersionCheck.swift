import Bytes
import Store

/// The versions of a key are where ``Versions`` looks for them.
struct VersionCheck {
    /// How faults call the record.
    let name: String

    func check(_ stored: [UInt8], _ record: ObjectRecord, _ snapshot: Snapshot, _ run: CheckRun) throws {
        if let order = record.version.order, order != record.order {
            run.fault("the version \(name) is at another place than its identifier says")
        }
        if stored.first == UInt8(ascii: "o") {
            try checkCurrent(stored, record, snapshot, run)
        } else {
            try checkAside(stored, record, snapshot, run)
        }
    }

    private func checkCurrent(
        _ stored: [UInt8], _ record: ObjectRecord, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        let versions = Self.versions(stored, to: stored.count)
        if record.isDeleteMarker {
            run.fault("the delete marker \(name) stands where current objects do")
        }
        try versions.scanAside(in: snapshot) { next in
            if next.order >= record.order {
                run.fault("the current object \(name) is older than a version that stands aside")
            }
            return false
        }
        let pointer = StorageKeys.nullVersion(versions.bucket, versions.key)
        if record.version == .null, try snapshot.get(.objects, pointer) != nil {
            run.fault("the current object \(name) is not its key's only null version")
        }
    }

    private func checkAside(
        _ stored: [UInt8], _ record: ObjectRecord, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        guard ByteOrder.read(UInt64.self, from: stored, at: stored.count - 8) == ~record.order else {
            return run.fault("the version \(name) is not at its place")
        }
        let versions = Self.versions(stored, to: stored.count - 9)
        if record.version == .null {
            let pointer = StorageKeys.nullVersion(versions.bucket, versions.key)
            if try snapshot.get(.objects, pointer) != ByteOrder.bytes(record.order) {
                run.fault("the null version \(name) cannot be found")
            }
        }
        // Only behind a delete marker no object is current.
        guard !record.isDeleteMarker, try versions.current(in: snapshot) == nil else { return }
        if try versions.newest(in: snapshot)?.order == record.order {
            run.fault("the newest version \(name) is not the current object")
        }
    }

    /// Each note of a newest delete marker leads to one, and nothing is newer.
    func checkMarker(_ stored: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun)
        throws
    {
        let versions = Self.versions(stored, to: stored.count)
        var newest: ObjectRecord?
        try versions.scanAside(in: snapshot) {
            newest = $0
            return false
        }
        guard let newest, newest.isDeleteMarker, ByteOrder.bytes(newest.order) == value,
            try versions.current(in: snapshot) == nil
        else {
            return run.fault("the newest version of \(name) is not the delete marker that it should be")
        }
    }

    /// Each pointer to a `null` version leads to one.
    func checkPointer(_ stored: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun) throws {
        let versions = Self.versions(stored, to: stored.count)
        guard let order = ByteOrder.read(UInt64.self, from: value, at: 0),
            let bytes = try snapshot.get(
                .objects, StorageKeys.version(versions.bucket, versions.key, order: order)),
            try ObjectRecord(decoding: bytes).version == .null
        else { return run.fault("the null version of \(name) is not where it should be") }
    }

    /// A stored key is a letter for its kind, the bucket, NUL and the object's key up to `end`.
    private static func versions(_ stored: [UInt8], to end: Int) -> Versions {
        let bucket = Array(stored.dropFirst().prefix { $0 != 0 })
        return Versions(bucket: String(utf8: bucket), key: Array(stored[(bucket.count + 2)..<end]))
    }
}
