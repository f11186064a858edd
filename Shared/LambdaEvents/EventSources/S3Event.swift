import Bytes
import JSON
import LambdaEvents

/// What happened to objects of a bucket.
///
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
public struct S3Event: Sendable {
    public let records: [Record]

    public init(json: JSONValue) throws(EventDecodingError) {
        var records: [Record] = []
        for record in try FieldDecoder(json).objects("Records") { records.append(try Record(record)) }
        self.records = records
    }

    public struct Record: Sendable {
        /// `2.1` and later minor versions.
        public let eventVersion: String
        public let region: String
        /// ISO 8601 with milliseconds.
        public let eventTime: String
        /// Without `s3:`, such as `ObjectCreated:Put`.
        public let eventName: String
        /// Who caused it.
        public let principalID: String
        public let sourceIPAddress: String
        /// `x-amz-request-id` of the request that caused it.
        public let requestID: String
        /// The notification's own id in the bucket's configuration.
        public let configurationID: String
        public let bucketName: String
        public let bucketARN: String
        /// As it came: form-encoded, so that a space is `+`. See ``objectKey``.
        public let encodedKey: String
        /// Bytes; nil for what was deleted.
        public let size: Int64?
        /// Without quotes; nil for what was deleted.
        public let eTag: String?
        /// nil while the bucket keeps no versions.
        public let versionID: String?
        /// Hexadecimal; the larger one of two events of a key, as text of equal length, is the later one.
        public let sequencer: String
        /// For restored objects: until when the copy stays, and the class that it was restored from.
        public let restoration: (expires: String, storageClass: String)?

        /// The object's key as it is given to S3.
        public var objectKey: String { PercentEncoding.decode(encodedKey, plusIsSpace: true) ?? encodedKey }

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            let s3 = try record.nested("s3")
            let bucket = try s3.nested("bucket")
            let object = try s3.nested("object")
            eventVersion = try record.string("eventVersion") ?? ""
            region = try record.string("awsRegion") ?? ""
            eventTime = try record.string("eventTime") ?? ""
            eventName = try record.requiredString("eventName")
            principalID = try record.optional("userIdentity")?.string("principalId") ?? ""
            sourceIPAddress = try record.optional("requestParameters")?.string("sourceIPAddress") ?? ""
            requestID = try record.optional("responseElements")?.string("x-amz-request-id") ?? ""
            configurationID = try s3.string("configurationId") ?? ""
            bucketName = try bucket.requiredString("name")
            bucketARN = try bucket.string("arn") ?? ""
            encodedKey = try object.requiredString("key")
            size = try object.int64("size")
            eTag = try object.string("eTag")
            versionID = try object.string("versionId")
            sequencer = try object.string("sequencer") ?? ""
            if let data = try record.optional("glacierEventData")?.optional("restoreEventData") {
                restoration = (
                    expires: try data.requiredString("lifecycleRestorationExpiryTime"),
                    storageClass: try data.requiredString("lifecycleRestoreStorageClass")
                )
            } else {
                restoration = nil
            }
        }
    }
}
