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
        var bodies = StoredBodies()
        try snapshot.scan(.objects, from: [], to: nil) { key, value in
            run.count()
            do { try check(key, value, snapshot, run, &bodies) } catch is RecordError {
                run.fault("the record \(describe(key)) cannot be read")
            }
            return true
        }
        var stored = NameDigest()
        try snapshot.scan(.smallBodies, from: [], to: nil) { key, _ in
            stored.add(key)
            return true
        }
        try snapshot.scan(.blobs, from: [], to: nil) { key, _ in
            stored.add(key)
            return true
        }
        // Zips of functions are Lambda's to check.
        let kind = Keyspace.functionBlobKind
        try snapshot.scan(.functions, from: [kind], to: [kind + 1]) { key, _ in
            bodies.add(Array(key.dropFirst()))
            return true
        }
        if stored != bodies.names {
            run.fault("\(stored.count) bodies are stored, but the records refer to \(bodies.names.count)")
        }
        if bodies.uploadsOfParts != bodies.uploadsWithParts {
            run.fault(
                "parts of \(bodies.uploadsOfParts.count) uploads are stored, but "
                    + "\(bodies.uploadsWithParts.count) have any")
        }
        if bodies.parts != bodies.partRecords {
            run.fault("\(bodies.partRecords) parts are stored, but the objects have \(bodies.parts)")
        }
    }

    private static func check(
        _ key: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun, _ bodies: inout StoredBodies
    ) throws {
        switch key.first {
        case UInt8(ascii: "b"):
            ConfigurationCheck.run(try BucketRecord(decoding: value), describe(key), run)
        case UInt8(ascii: "o"), UInt8(ascii: "v"):
            let record = try ObjectRecord(decoding: value)
            try checkBucket(of: key, snapshot, run)
            try VersionCheck(name: describe(key)).check(key, record, snapshot, run)
            if record.isDeleteMarker { return }
            _ = try record.accessControlList()
            // Only with keys of S3's own, and in one piece, the tag is the bytes' MD5.
            let isPlain = record.attributes.encryption == .managed && !record.etag.contains("-")
            if case .parts(let list) = record.body {
                let body = PartedBody(name: describe(key), list: list, record: record)
                return try body.check(snapshot, run, &bodies)
            }
            let whole = isPlain ? record.etag : nil
            let body = StoredBody(
                name: describe(key), reference: record.body, size: record.size, md5: whole,
                checksum: record.checksum)
            _ = try body.check(snapshot, run, &bodies)
        case UInt8(ascii: "u"):
            let upload = try UploadRecord(decoding: value)
            try checkBucket(of: key, snapshot, run)
            let prefix = StorageKeys.partPrefix(upload.id)
            if try snapshot.hasAny(prefix) { bodies.uploadsWithParts.add(prefix) }
        case UInt8(ascii: "p"):
            let record = try PartRecord(decoding: value)
            bodies.notePart(of: Array(key.dropLast(2)))
            let body = StoredBody(
                name: describe(key), reference: record.body, size: record.size, md5: Hex.encode(record.md5),
                checksum: record.checksum, crc64: record.crc64)
            _ = try body.check(snapshot, run, &bodies)
        case UInt8(ascii: "l"):
            _ = try ObjectPart(decoding: value)
            bodies.partRecords += 1
        case UInt8(ascii: "c"): try checkCompletion(key, value, snapshot, run)
        case UInt8(ascii: "d"):
            if try snapshot.get(.objects, StorageKeys.completedUpload(String(utf8: value))) == nil {
                run.fault("the completed upload \(String(utf8: value)) is not known")
            }
        case UInt8(ascii: "g"):
            try checkLeft(try LeftParts(decoding: value), key, snapshot, run, &bodies)
        case UInt8(ascii: "m"):
            try VersionCheck(name: describe(key)).checkMarker(key, value, snapshot, run)
        case UInt8(ascii: "n"): try VersionCheck(name: describe(key)).checkPointer(key, value, snapshot, run)
        case UInt8(ascii: "e"): _ = try ObjectEvent(decoding: value)
        case UInt8(ascii: "r"): _ = try RestoredCopy(decoding: value)
        default: run.fault("the record \(describe(key)) is of no known kind")
        }
    }

    private static func checkBucket(of key: [UInt8], _ snapshot: Snapshot, _ run: CheckRun) throws {
        let name = String(utf8: Array(key.dropFirst().prefix { $0 != 0 }))
        if try snapshot.get(.objects, StorageKeys.bucket(name)) == nil {
            run.fault("the record \(describe(key)) belongs to no bucket")
        }
    }

    private static func checkCompletion(
        _ key: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        let completed = try CompletedUpload(decoding: value)
        let place = try snapshot.get(.objects, StorageKeys.completion(completed.order))
        if place != Array(key.dropFirst()) {
            run.fault("the completed upload \(describe(key)) has no place among others")
        }
    }

    /// Parts that are to be removed are there, and no others that were left with them.
    private static func checkLeft(
        _ left: LeftParts, _ key: [UInt8], _ snapshot: Snapshot, _ run: CheckRun,
        _ bodies: inout StoredBodies
    ) throws {
        var first: LeftParts.Part?
        // Those of an upload are counted where they are met.
        try left.scan(in: snapshot) { part in
            first = first ?? part
            if left.isUpload { return false }
            bodies.parts += 1
            bodies.add(part.body)
            return true
        }
        let name = "the note \(Hex.encode(Array(key.dropFirst()))) of parts to be removed"
        if first == nil { return run.fault("\(name) leads to none") }
        if try !snapshot.begins(left.prefix, with: first?.key) { run.fault("\(name) leaves some out") }
        if left.isUpload { bodies.uploadsWithParts.add(left.prefix) }
    }

    private static func describe(_ key: [UInt8]) -> String {
        let parts = key.dropFirst().split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        return "'\(parts.map { String(utf8: Array($0)) }.joined(separator: "/"))'"
    }
}

extension Snapshot {
    fileprivate func hasAny(_ prefix: [UInt8]) throws -> Bool { try !begins(prefix, with: nil) }

    /// Whether that is the first key of those that begin so.
    fileprivate func begins(_ prefix: [UInt8], with key: [UInt8]?) throws -> Bool {
        var first: [UInt8]?
        try scan(.objects, from: prefix, to: StorageKeys.successor(of: prefix)) { found, _ in
            first = found
            return false
        }
        return first == key
    }
}
