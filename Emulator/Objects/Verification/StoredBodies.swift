import Bytes
import Digests
import HTTPTypes
import Store

/// A set of names that may be compared with another without keeping any: how many there are, and the sum of their
/// hashes, whatever their order.
struct NameDigest: Equatable {
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

/// What records refer to, for comparison with what there is.
struct StoredBodies {
    private(set) var names = NameDigest()
    /// Parts that objects have, and records of parts that were met.
    var parts = 0
    var partRecords = 0
    /// Uploads of which there are parts: as their own records say, and as those of the parts say.
    var uploadsWithParts = NameDigest()
    private(set) var uploadsOfParts = NameDigest()
    private var lastUpload: [UInt8] = []

    mutating func add(_ body: [UInt8]) { names.add(body) }

    /// A body that is not read.
    mutating func add(_ body: BodyReference) {
        switch body {
        case .empty, .parts: break
        case .small(let number): add(ByteOrder.bytes(number))
        case .blob(let blob): add(Array(blob.text.utf8))
        }
    }

    /// Notes a part of an upload. Parts of one upload are met one after the other.
    /// - Parameter upload: what the keys of its parts begin with.
    mutating func notePart(of upload: [UInt8]) {
        guard upload != lastUpload else { return }
        uploadsOfParts.add(upload)
        lastUpload = upload
    }
}

/// What a record says of its body.
struct StoredBody {
    let name: String
    let reference: BodyReference
    let size: Int64
    /// Hexadecimal; nil when it is not that of the whole body.
    let md5: String?
    let checksum: StoredChecksum
    var crc64: UInt64?

    /// - Returns: what was computed; nil when the bytes cannot be had.
    func check(_ snapshot: Snapshot, _ run: CheckRun, _ bodies: inout StoredBodies) throws -> BodyDigests? {
        var digests = BodyDigests(checksum.algorithm)
        switch reference {
        case .empty: break
        case .small(let number):
            let key = ByteOrder.bytes(number)
            bodies.add(key)
            guard let bytes = try snapshot.get(.smallBodies, key) else {
                run.fault("the body of \(name) is not stored")
                return nil
            }
            digests.update(bytes)
        case .blob(let blob):
            bodies.add(Array(blob.text.utf8))
            guard let descriptor = try? run.blobs.open(blob) else {
                run.fault("the body of \(name) has no file")
                return nil
            }
            do {
                try Files.read(OpenFile(adopting: descriptor), offset: 0, length: size) { digests.update($0) }
            } catch {
                run.fault("the body of \(name) cannot be read to its end: \(error)")
                return nil
            }
        case .parts:
            run.fault("\(name) is a part made of parts")
            return nil
        }
        guard digests.length == size else {
            run.fault("the body of \(name) has \(digests.length) bytes instead of \(size)")
            return nil
        }
        if let md5, Hex.encode(digests.md5) != md5 { run.fault("the body of \(name) does not match its MD5") }
        if let crc64, digests.crc64nvme != crc64 {
            run.fault("the body of \(name) does not match its CRC64NVME")
        } else if checksum.kind == .fullObject, digests.storedChecksum.value != checksum.value {
            run.fault("the body of \(name) does not match its \(checksum.algorithm.rawValue)")
        }
        return digests
    }
}

/// An object whose body is that of its parts: each part matches its own checksums, and together they are the
/// object.
struct PartedBody {
    let name: String
    let list: PartList
    let record: ObjectRecord

    func check(_ snapshot: Snapshot, _ run: CheckRun, _ bodies: inout StoredBodies) throws {
        let algorithm = record.checksum.algorithm
        var whole = PartedDigest(algorithm, record.checksum.kind)
        var lastNumber = 0
        var isComplete = true
        try list.scan(in: snapshot) { part in
            bodies.parts += 1
            let partName = "part \(part.number) of \(name)"
            if part.number <= lastNumber || part.start != whole.length {
                run.fault("\(partName) is out of place")
            }
            lastNumber = part.number
            let body = StoredBody(
                name: partName, reference: part.body, size: part.size, md5: nil, checksum: part.checksum,
                crc64: part.crc64)
            guard let digests = try body.check(snapshot, run, &bodies) else {
                isComplete = false
                return true
            }
            let raw = algorithm == .crc64nvme ? ByteOrder.bytes(digests.crc64nvme) : digests.checksum
            whole.append(length: part.size, checksum: raw, md5: digests.md5)
            return true
        }
        guard isComplete else { return }
        if whole.count != list.count {
            run.fault("\(name) has \(whole.count) parts instead of \(list.count)")
        }
        if whole.length != record.size {
            run.fault("the body of \(name) has \(whole.length) bytes instead of \(record.size)")
        }
        if record.attributes.encryption == .managed, whole.etag != record.etag {
            run.fault("the body of \(name) does not match its entity tag")
        }
        if whole.checksum != record.checksum {
            run.fault("the body of \(name) does not match its \(algorithm.rawValue)")
        }
    }
}
