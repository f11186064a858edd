import AWSProtocol
import HTTPTypes

/// GET /bucket/key?tagging: an object without tags has an empty set.
enum GetObjectTagging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let target = try VersionTarget(request)
        let (record, bucket) = try read(target, request, core)
        var response = ObjectsCore.xml("Tagging") { TagSet.write(record.attributes.tags, to: &$0) }
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }

    /// This operation alone names an absent key together with its bucket.
    private static func read(
        _ target: VersionTarget, _ request: S3Request, _ core: ObjectsCore
    ) throws -> (record: ObjectRecord, bucket: BucketRecord) {
        do {
            return try target.read(core)
        } catch let error as AWSError where error.code == "NoSuchKey" {
            var named = error
            named.elements = [("Key", "\(request.bucket)/\(request.keyText)")]
            throw named
        }
    }
}
