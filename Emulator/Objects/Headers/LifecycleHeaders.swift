import Bytes
import Clock
import HTTPTypes

/// What answers say about the rules that will act on an object.
extension HTTPHeaders {
    /// When the current version will expire. A bucket without rules costs nothing.
    mutating func add(
        expirationOf record: ObjectRecord, _ key: [UInt8], in bucket: BucketRecord, _ core: ObjectsCore
    ) throws {
        guard let expiry = try core.lifecycle.rules(of: bucket)?.expiry(key, record) else { return }
        add(
            "x-amz-expiration",
            "expiry-date=\"\(expiry.date.rfc1123)\", rule-id=\"\(Self.plain(expiry.rule))\"")
    }

    /// When an unfinished upload will be aborted.
    mutating func add(
        abortionOf key: [UInt8], initiated: Timestamp, in bucket: BucketRecord, _ core: ObjectsCore
    ) throws {
        guard let abortion = try core.lifecycle.rules(of: bucket)?.abortion(key, initiated: initiated) else {
            return
        }
        add("x-amz-abort-date", abortion.date.rfc1123)
        add("x-amz-abort-rule-id", Self.plain(abortion.rule))
    }

    /// Until when an archived object can be read.
    mutating func add(restoreOf record: ObjectRecord, at now: Timestamp) {
        guard let until = record.restoredUntil, until > now else { return }
        add("x-amz-restore", "ongoing-request=\"false\", expiry-date=\"\(until.rfc1123)\"")
    }

    /// S3 shows a rule's name as it is; only what no header can carry is encoded.
    private static func plain(_ name: String) -> String {
        name.utf8.map { byte in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"")
                ? String(UnicodeScalar(byte)) : "%\(Hex.encode([byte]).uppercased())"
        }.joined()
    }
}
