import Bytes
import Clock

/// Where the records of this module stand in the keyspace `objects`. A key starts with a letter for its
/// kind. A bucket name holds no NUL, so the first NUL ends it, and an object's key may be any bytes and
/// sorts by them.
package enum StorageKeys {
    private static let bucketKind = UInt8(ascii: "b")
    private static let objectKind = UInt8(ascii: "o")
    private static let uploadKind = UInt8(ascii: "u")
    private static let partKind = UInt8(ascii: "p")
    private static let versionKind = UInt8(ascii: "v")
    private static let nullKind = UInt8(ascii: "n")
    private static let eventKind = UInt8(ascii: "e")
    private static let objectPartKind = UInt8(ascii: "l")
    private static let completedUploadKind = UInt8(ascii: "c")
    private static let completionKind = UInt8(ascii: "d")
    private static let restoreKind = UInt8(ascii: "r")
    private static let markerKind = UInt8(ascii: "m")
    private static let leftPartsKind = UInt8(ascii: "g")

    static func bucket(_ name: String) -> [UInt8] { [bucketKind] + name.utf8 }

    /// From the first bucket to just past the last.
    static let allBuckets: (from: [UInt8], to: [UInt8]) = ([bucketKind], [bucketKind + 1])

    static func bucketName(_ key: [UInt8]) -> String { String(utf8: Array(key.dropFirst())) }

    package static func object(_ bucket: String, _ key: [UInt8]) -> [UInt8] {
        objectPrefix(bucket) + key
    }

    package static func objectPrefix(_ bucket: String) -> [UInt8] { [objectKind] + bucket.utf8 + [0] }

    /// A version that is not the current object: one below it, or a delete marker. Newest first. No key holds
    /// NUL, so the versions of a key stand together, in front of those of any longer key.
    package static func version(_ bucket: String, _ key: [UInt8], order: UInt64) -> [UInt8] {
        versions(of: bucket, key) + ByteOrder.bytes(~order)
    }

    package static func versions(of bucket: String, _ key: [UInt8]) -> [UInt8] {
        versionPrefix(bucket) + key + [0]
    }

    package static func versionPrefix(_ bucket: String) -> [UInt8] { [versionKind] + bucket.utf8 + [0] }

    /// The key of a version's record, without what stands around it.
    package static func key(ofVersion stored: [UInt8], prefix: [UInt8]) -> [UInt8] {
        Array(stored[prefix.count..<(stored.count - 9)])
    }

    /// Where the `null` version stands when it is not the current object.
    static func nullVersion(_ bucket: String, _ key: [UInt8]) -> [UInt8] {
        [nullKind] + bucket.utf8 + [0] + key
    }

    /// Where the newest version stands when it is a delete marker.
    static func newestMarker(_ bucket: String, _ key: [UInt8]) -> [UInt8] {
        [markerKind] + bucket.utf8 + [0] + key
    }

    static func upload(_ bucket: String, _ key: [UInt8], _ id: String) -> [UInt8] {
        uploadPrefix(bucket) + key + [0] + id.utf8
    }

    static func uploadPrefix(_ bucket: String) -> [UInt8] { [uploadKind] + bucket.utf8 + [0] }

    /// Events that a function has not been told of yet, in the order in which they happened. Each function's
    /// stand together, so that a slow one holds up no other.
    static func event(_ function: String, _ order: UInt64) -> [UInt8] {
        eventPrefix(function) + ByteOrder.bytes(order)
    }

    static func eventPrefix(_ function: String) -> [UInt8] { [eventKind] + function.utf8 + [0] }

    static func function(ofEvent stored: [UInt8]) -> String {
        String(utf8: Array(stored.dropFirst().dropLast(9)))
    }

    static let allEvents: (from: [UInt8], to: [UInt8]) = ([eventKind], [eventKind + 1])

    /// A restored copy of an archived version, by the time at which it goes again.
    static func restore(until time: Timestamp, _ bucket: String, _ key: [UInt8], order: UInt64) -> [UInt8] {
        [restoreKind] + ByteOrder.bytes(UInt64(bitPattern: max(0, time.milliseconds))) + bucket.utf8 + [0]
            + key
            + ByteOrder.bytes(order)
    }

    /// All restored copies that are to go at `time` or before.
    static func restores(until time: Timestamp) -> (from: [UInt8], to: [UInt8]) {
        ([restoreKind], [restoreKind] + ByteOrder.bytes(UInt64(bitPattern: max(0, (time + 1).milliseconds))))
    }

    static func part(_ uploadID: String, _ number: Int) -> [UInt8] {
        var key = partPrefix(uploadID)
        ByteOrder.append(UInt16(number), to: &key)
        return key
    }

    static func partPrefix(_ uploadID: String) -> [UInt8] { [partKind] + uploadID.utf8 + [0] }

    /// Whether a key is that of an upload's part, or begins like one.
    static func isPart(_ key: [UInt8]) -> Bool { key.first == partKind }

    /// A part of an object, by its place in the object's list of parts.
    static func objectPart(_ list: UInt64, _ index: Int) -> [UInt8] {
        var key = objectParts(list)
        ByteOrder.append(UInt16(index), to: &key)
        return key
    }

    static func objectParts(_ list: UInt64) -> [UInt8] { [objectPartKind] + ByteOrder.bytes(list) }

    /// Parts that are still to be removed, in the order in which they were left.
    static func leftParts(_ order: UInt64) -> [UInt8] { [leftPartsKind] + ByteOrder.bytes(order) }

    static let leftPartsEnd: [UInt8] = [leftPartsKind + 1]

    /// What has become of an upload.
    static func completedUpload(_ uploadID: String) -> [UInt8] { [completedUploadKind] + uploadID.utf8 }

    /// Identifiers of completed uploads, in the order of their completion.
    static func completion(_ order: UInt64) -> [UInt8] { [completionKind] + ByteOrder.bytes(order) }

    static let allCompletions: (from: [UInt8], to: [UInt8]) = ([completionKind], [completionKind + 1])

    /// The smallest byte string greater than all that start with `prefix`; nil when there is none.
    package static func successor(of prefix: [UInt8]) -> [UInt8]? {
        var successor = prefix
        while let last = successor.popLast() {
            if last < 0xFF {
                successor.append(last + 1)
                return successor
            }
        }
        return nil
    }
}
