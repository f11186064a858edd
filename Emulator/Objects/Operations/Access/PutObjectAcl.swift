import AWSProtocol
import HTTPTypes

/// PUT /bucket/key?acl: replaces the access control list of an object's version.
enum PutObjectAcl {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let versions = Versions(bucket: request.bucket, key: request.key)
        let selector = try VersionSelector(request)
        try core.store.read { snapshot in
            _ = try core.bucket(versions.bucket, in: snapshot)
            _ = try selector.find(versions, method: "PUT", in: snapshot)
        }
        let requested = try RequestedACL(
            request, try DigestRequired.document(of: request, isRequired: false), .object, owner: core.ownerID
        )
        let caller = core.caller(request.context.identity)
        let resource = "arn:aws:s3:::\(request.bucket)/\(request.keyText)"
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        let (record, bucket) = try await core.store.commit { transaction in
            let bucket = try core.bucket(versions.bucket, in: transaction)
            try requested.check(try BucketAccess(bucket), "PutObjectAcl", on: resource, by: caller)
            var record = try selector.find(versions, method: "PUT", in: transaction)
            guard record.attributes.accessControlList != requested.stored else { return (record, bucket) }
            record.attributes.accessControlList = requested.stored
            try versions.update(record, in: transaction)
            ObjectEvent("ObjectAcl:Put", versions, record, bucket, at: now, by: origin)
                .note(bucket, in: transaction)
            return (record, bucket)
        }
        var response = HTTPResponse(status: 200)
        response.headers.add(versionOf: record, in: bucket)
        return response
    }
}
