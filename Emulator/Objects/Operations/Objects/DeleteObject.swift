import AWSProtocol
import HTTPTypes
import Store

/// DELETE /bucket/key: a key that is not there counts as deleted.
enum DeleteObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        for name in ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"]
        where request.header(name) != nil {
            throw AWSError.notImplementedHeader(name)
        }
        let versions = Versions(bucket: request.bucket, key: request.key)
        let order = try order(
            request, version: request.value("versionId"), ifMatch: request.http.headers["If-Match"])
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        let deletion = try await core.store.commit { transaction in
            let bucket = try core.bucket(versions.bucket, in: transaction)
            let deletion = try Deletion.run(order, versions, bucket, now: now, in: transaction)
            deletion.note(versions, bucket, at: now, by: origin, in: transaction)
            return deletion
        }
        var response = HTTPResponse(status: 204)
        if deletion.isMarker { response.headers.add("x-amz-delete-marker", "true") }
        if let version = order.version ?? (deletion.madeMarker ? deletion.version : nil) {
            response.headers.add("x-amz-version-id", version.text)
        }
        return response
    }

    /// - Throws: InvalidArgument for a text that no version is called by.
    static func order(
        _ request: S3Request, version: String?, ifMatch: String?
    ) throws(AWSError) -> Deletion.Order {
        var order = Deletion.Order(ifMatch: ifMatch)
        if case .version(let version) = try VersionSelector(version) { order.version = version }
        order.bypassesGovernance = request.bypassesGovernance
        return order
    }
}

extension S3Request {
    /// Whether the client asks to overrule a retention in governance mode.
    var bypassesGovernance: Bool { header("x-amz-bypass-governance-retention")?.lowercased() == "true" }
}
