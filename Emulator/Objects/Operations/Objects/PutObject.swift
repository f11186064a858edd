import AWSProtocol
import HTTPTypes

/// PUT /bucket/key.
enum PutObject {
    /// What the head says, once it is found to be in order.
    struct Plan {
        var attributes: ObjectAttributes
        var conditions: WriteConditions
        var claim: BodyClaim

        init(_ request: S3Request, _ core: ObjectsCore) throws {
            try Multipart.refuseLonePartNumber(request)
            let attributes = try AttributeReader.read(from: request)
            let conditions = try WriteConditions(request)
            var claim = try BodyClaim.read(from: request)
            claim.tellsMD5InHex = true
            (self.attributes, self.conditions, self.claim) = (attributes, conditions, claim)
            let versions = Versions(bucket: request.bucket, key: request.key)
            try core.store.read { snapshot in
                let bucket = try core.bucket(request.bucket, in: snapshot)
                let lock = try attributes.lock.granted(by: bucket, at: request.context.now)
                try lock.checkDigest(claim, of: "Object")
                if conditions.isEmpty { return }
                try conditions.check(try versions.current(in: snapshot), key: request.key)
            }
        }
    }

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let plan = try Plan(request, core)
        let accepted = try await core.accept(request.http.body, plan.claim)
        let write = ObjectWrite(
            accepted: accepted, attributes: plan.attributes, conditions: plan.conditions,
            event: "ObjectCreated:Put")
        let (record, bucket) = try await write.commit(request, core)
        var headers = HTTPHeaders([("ETag", ETag.quoted(record.etag))])
        headers.add(encryptionOf: record.attributes)
        headers.add(versionOf: record, in: bucket)
        try headers.add(expirationOf: record, request.key, in: bucket, core)
        ObjectHeaders.add(record.checksum, to: &headers)
        return HTTPResponse(status: 200, headers: headers)
    }
}
