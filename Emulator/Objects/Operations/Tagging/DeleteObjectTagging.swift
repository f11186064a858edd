import HTTPTypes

/// DELETE /bucket/key?tagging: takes all tags of a version away.
enum DeleteObjectTagging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let target = try VersionTarget(request)
        let (record, bucket) = try await target.change(core, event: "ObjectTagging:Delete", by: request) {
            record, _ in record.attributes.tags = []
        }
        var response = HTTPResponse(status: 204)
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }
}
