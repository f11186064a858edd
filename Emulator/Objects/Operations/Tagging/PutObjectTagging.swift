import HTTPTypes

/// PUT /bucket/key?tagging: replaces all tags of a version.
enum PutObjectTagging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let target = try VersionTarget(request)
        let document = try DigestRequired.document(of: request, isRequired: false)
        let tags = try TagSet.read(document, for: .object)
        let (record, bucket) = try await target.change(core, event: "ObjectTagging:Put", by: request) {
            record, _ in record.attributes.tags = tags
        }
        var response = HTTPResponse(status: 200)
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }
}
