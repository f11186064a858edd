import AWSProtocol
import HTTPTypes

/// GET /bucket?acl. Where lists do not count, the answer says that all is the owner's.
enum GetBucketAcl {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let access = try BucketAccess(record)
        let list = access.usesLists ? access.list : nil
        return ObjectsCore.xml("AccessControlPolicy") { xml in
            ACLDocument.write(list ?? AccessControlList(privateTo: core.ownerID), to: &xml)
        }
    }
}
