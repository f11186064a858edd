import Bytes
import HTTPTypes
import Store

extension ObjectsService {
    /// What this service promises about its stored state, for `emulator verify`.
    public static let checks: [StoreCheck] = [StoreCheck("objects", ObjectCheck.run)]
}

/// Each record can be read, belongs to a bucket and has a body of the size and digests that it says; each body
/// belongs to one record.
enum ObjectCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        var bodies = Bodies()
        try snapshot.scan(.objects, from: [], to: nil) { key, value in
            run.count()
            do { try check(key, value, snapshot, run, &bodies) } catch is RecordError {
                run.fault("the record \(describe(key)) cannot be read")
            }
            return true
        }
        var stored = Bodies()
        try snapshot.scan(.smallBodies, from: [], to: nil) { key, _ in
            stored.add(key)
            return true
        }
        try snapshot.scan(.blobs, from: [], to: nil) { key, _ in
            stored.add(key)
            return true
        }
        if stored != bodies {
            run.fault("\(stored.count) bodies are stored, but the records refer to \(bodies.count)")
        }
    }

    private static func check(
        _ key: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun, _ bodies: inout Bodies
    ) throws {
        switch key.first {
        case UInt8(ascii: "b"): _ = try BucketRecord(decoding: value)
        case UInt8(ascii: "o"), UInt8(ascii: "v"):
            let record = try ObjectRecord(decoding: value)
            try checkBucket(of: key, snapshot, run)
            if key.first == UInt8(ascii: "o"), record.isDeleteMarker {
                run.fault("the delete marker \(describe(key)) stands where current objects do")
            }
            if record.isDeleteMarker { return }
            // Only with keys of S3's own, and in one piece, the tag is the bytes' MD5.
            let isPlain = record.attributes.encryption == .managed && !record.etag.contains("-")
            let whole = isPlain ? record.etag : nil
            let body = StoredBody(
                name: describe(key), reference: record.body, size: record.size, md5: whole,
                checksum: record.checksum)
            try body.check(snapshot, run, &bodies)
        case UInt8(ascii: "u"):
            _ = try UploadRecord(decoding: value)
            try checkBucket(of: key, snapshot, run)
        case UInt8(ascii: "p"):
            let record = try PartRecord(decoding: value)
            let body = StoredBody(
                name: describe(key), reference: record.body, size: record.size, md5: Hex.encode(record.md5),
                checksum: record.checksum)
            try body.check(snapshot, run, &bodies)
        case UInt8(ascii: "n"): try checkNullPointer(key, value, snapshot, run)
        case UInt8(ascii: "e"): _ = try ObjectEvent(decoding: value)
        default: run.fault("the record \(describe(key)) is of no known kind")
        }
    }

    private static func checkBucket(of key: [UInt8], _ snapshot: Snapshot, _ run: CheckRun) throws {
        let name = String(utf8: Array(key.dropFirst().prefix { $0 != 0 }))
        if try snapshot.get(.objects, StorageKeys.bucket(name)) == nil {
            run.fault("the record \(describe(key)) belongs to no bucket")
        }
    }

    /// Each pointer to a `null` version leads to one.
    private static func checkNullPointer(
        _ key: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        let name = String(utf8: Array(key.dropFirst().prefix { $0 != 0 }))
        let objectKey = Array(key.dropFirst(name.utf8.count + 2))
        guard let order = ByteOrder.read(UInt64.self, from: value, at: 0),
            let bytes = try snapshot.get(.objects, StorageKeys.version(name, objectKey, order: order)),
            try ObjectRecord(decoding: bytes).version == .null
        else { return run.fault("the null version of \(describe(key)) is not where it should be") }
    }

    private static func describe(_ key: [UInt8]) -> String {
        let parts = key.dropFirst().split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        return "'\(parts.map { String(utf8: Array($0)) }.joined(separator: "/"))'"
    }
}

/// A set of bodies that may be compared with another without keeping any: how many there are, and the sum of
/// their names' hashes, whatever their order.
private struct Bodies: Equatable {
    private(set) var count = 0
    private var sum: UInt64 = 0

    mutating func add(_ name: [UInt8]) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 33
        count += 1
        sum &+= hash &* 0xFF51_AFD7_ED55_8CCD
    }
}

/// What a record says of its body.
private struct StoredBody {
    let name: String
    let reference: BodyReference
    let size: Int64
    /// Hexadecimal; nil when it is not that of the whole body.
    let md5: String?
    let checksum: StoredChecksum

    func check(_ snapshot: Snapshot, _ run: CheckRun, _ bodies: inout Bodies) throws {
        var digests = BodyDigests(checksum.algorithm)
        switch reference {
        case .empty: break
        case .small(let number):
            let key = ByteOrder.bytes(number)
            bodies.add(key)
            guard let bytes = try snapshot.get(.smallBodies, key) else {
                return run.fault("the body of \(name) is not stored")
            }
            digests.update(bytes)
        case .blob(let blob):
            bodies.add(Array(blob.text.utf8))
            guard let descriptor = try? run.blobs.open(blob) else {
                return run.fault("the body of \(name) has no file")
            }
            do {
                try Files.read(OpenFile(adopting: descriptor), offset: 0, length: size) { digests.update($0) }
            } catch {
                return run.fault("the body of \(name) cannot be read to its end: \(error)")
            }
        }
        guard digests.length == size else {
            return run.fault("the body of \(name) has \(digests.length) bytes instead of \(size)")
        }
        if let md5, Hex.encode(digests.md5) != md5 { run.fault("the body of \(name) does not match its MD5") }
        if checksum.kind == .fullObject, digests.storedChecksum.value != checksum.value {
            run.fault("the body of \(name) does not match its \(checksum.algorithm.rawValue)")
        }
    }
}
