import Bytes
import Clock
import JSON
import Store

/// A record of an invocation on its way to a bucket.
struct BucketDelivery: Sendable, Equatable {
    var bucket: String
    /// Chosen once, so that a record that is put twice is there once.
    var key: String
    /// When it was tried first.
    var first: Timestamp
    var failures = 0
    var body: [UInt8]

    /// As AWS names records of asynchronous invocations.
    static func key(of function: String, at time: Timestamp) -> String {
        "aws/lambda/async/\(function)/\(dated(time))"
    }

    /// `YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID`
    static func dated(_ time: Timestamp) -> String {
        let text = time.iso8601Seconds.dropLast()
        let moment = String(text.map { $0 == ":" ? "." : $0 })
        let day = String(text.prefix(10).map { $0 == "-" ? "/" : $0 })
        return "\(day)/\(moment)-\(UUID4.make())"
    }

    func write(due: Timestamp, in transaction: Transaction) {
        let head: JSONObject = [
            "bucket": .string(bucket), "key": .string(key), "first": .number(JSONNumber(first.milliseconds)),
            "failures": .number(JSONNumber(failures)),
        ]
        let key = QueueKeys.waiting(QueueKeys.allRecords, due: due, order: transaction.nextSequence())
        transaction.put(.queue, key, StoredDocument.encode(head, body: body))
    }

    init(bucket: String, key: String, first: Timestamp, body: [UInt8]) {
        self.bucket = bucket
        self.key = key
        self.first = first
        self.body = body
    }

    /// - Throws: `StoreError` when the bytes are no record.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        let (head, body) = try StoredDocument.decode(bytes, "a record of an invocation")
        guard let bucket = head["bucket"]?.string, let key = head["key"]?.string,
            let first = head["first"]?.int64
        else { throw .corrupt("a record of an invocation cannot be read") }
        self.init(bucket: bucket, key: key, first: Timestamp(milliseconds: first), body: body)
        failures = head["failures"]?.int ?? 0
    }
}
