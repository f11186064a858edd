import AWSProtocol
import HTTPTypes

/// GET /bucket/key?acl.
enum GetObjectAcl {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let versions = Versions(bucket: request.bucket, key: request.key)
        let selector = try VersionSelector(request)
        let (record, bucket) = try core.store.read { snapshot in
            let bucket = try core.bucket(versions.bucket, in: snapshot)
            return (try selector.find(versions, method: "GET", in: snapshot), bucket)
        }
        let list = try BucketAccess(bucket).usesLists ? record.accessControlList() : nil
        var response = ObjectsCore.xml("AccessControlPolicy") { xml in
            ACLDocument.write(list ?? AccessControlList(privateTo: core.ownerID), to: &xml)
        }
        response.headers.add(versionOf: record, in: bucket)
        return response
    }
}
