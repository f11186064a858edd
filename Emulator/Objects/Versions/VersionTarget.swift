import AWSProtocol
import HTTPTypes

/// The version whose tags, lock or other property a request reads or changes.
struct VersionTarget: Sendable {
    let versions: Versions
    private let selector: VersionSelector
    private let method: String

    /// - Throws: InvalidArgument for a text that no version is called by.
    init(_ request: S3Request) throws(AWSError) {
        versions = Versions(bucket: request.bucket, key: request.key)
        selector = try VersionSelector(request)
        method = request.http.method
    }

    /// - Throws: NoSuchBucket, NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker; whatever
    ///   `judge` throws about the bucket comes first.
    func read(
        _ core: ObjectsCore, _ judge: @escaping @Sendable (BucketRecord) throws -> Void = { _ in }
    ) throws -> (record: ObjectRecord, bucket: BucketRecord) {
        try core.store.read { snapshot in
            let bucket = try core.bucket(versions.bucket, in: snapshot)
            try judge(bucket)
            let record = try selector.find(versions, method: method, markers: .refused, in: snapshot)
            return (record, bucket)
        }
    }

    /// Changes what is stored beside the version's bytes.
    /// - Parameter event: to be told of, without `s3:`; nil: none.
    func change(
        _ core: ObjectsCore, event: String? = nil, by request: S3Request,
        _ change: @escaping @Sendable (inout ObjectRecord, BucketRecord) throws -> Void
    ) async throws -> (record: ObjectRecord, bucket: BucketRecord) {
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        return try await core.store.commit { transaction in
            let bucket = try core.bucket(versions.bucket, in: transaction)
            var record = try selector.find(versions, method: method, markers: .refused, in: transaction)
            try change(&record, bucket)
            try versions.update(record, in: transaction)
            if let event {
                ObjectEvent(event, versions, record, bucket, at: now, by: origin)
                    .note(bucket, in: transaction)
            }
            return (record, bucket)
        }
    }
}

extension HTTPHeaders {
    /// Tells which version was meant, in a bucket that is or was versioned.
    mutating func add(versionMeant record: ObjectRecord, in bucket: BucketRecord) {
        if bucket.versioning != .never { add("x-amz-version-id", record.version.text) }
    }
}
