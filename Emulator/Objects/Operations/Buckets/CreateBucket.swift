import AWSProtocol
import HTTPTypes

/// PUT /bucket.
enum CreateBucket {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let name = request.bucket
        guard BucketName.isValid(name) else { throw AWSError.invalidBucketName(name) }
        if let acl = request.header("x-amz-acl"), acl != "private" {
            throw AWSError(
                code: "InvalidBucketAclWithObjectOwnership",
                message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
        }
        if request.header("x-amz-bucket-object-lock-enabled")?.lowercased() == "true" {
            throw AWSError.notImplementedHeader("x-amz-bucket-object-lock-enabled")
        }
        let region = core.configuration.region
        try checkLocation(try request.document(), endpointRegion: region)
        let now = request.context.now
        try await core.store.commit { transaction in
            let key = StorageKeys.bucket(name)
            guard try transaction.get(.objects, key) == nil else {
                // The oldest region alone lets an owner create a bucket twice.
                if region == "us-east-1" { return }
                throw AWSError(
                    code: "BucketAlreadyOwnedByYou", status: 409,
                    message: "Your previous request to create the named bucket succeeded and you already "
                        + "own it.",
                    elements: [("BucketName", name)])
            }
            transaction.put(.objects, key, BucketRecord(created: now, region: region).encoded())
        }
        let location = region == "us-east-1" ? "/\(name)" : "http://\(name).s3.amazonaws.com/"
        return HTTPResponse(
            status: 200, headers: ["Location": location, "x-amz-bucket-arn": "arn:aws:s3:::\(name)"])
    }

    private static func checkLocation(_ document: [UInt8], endpointRegion: String) throws {
        var constraint: String?
        if !document.isEmpty {
            guard let root = try? XMLReader.parse(document), root.name == "CreateBucketConfiguration" else {
                throw AWSError.malformedXML
            }
            constraint = root["LocationConstraint"].flatMap { $0.isEmpty ? nil : $0 }
        }
        switch constraint {
        case nil:
            if endpointRegion != "us-east-1" { throw incompatible("unspecified") }
        case "us-east-1":
            throw invalid("us-east-1")
        case let named?:
            if named == "EU" ? endpointRegion == "eu-west-1" : named == endpointRegion { return }
            // A region's name has at least two dashes: `eu-west-1`.
            guard named.split(separator: "-").count >= 3 else { throw invalid(named) }
            throw incompatible(named)
        }
    }

    private static func invalid(_ constraint: String) -> AWSError {
        AWSError(
            code: "InvalidLocationConstraint", message: "The specified location-constraint is not valid",
            elements: [("LocationConstraint", constraint)])
    }

    private static func incompatible(_ constraint: String) -> AWSError {
        AWSError(
            code: "IllegalLocationConstraintException",
            message: "The \(constraint) location constraint is incompatible for the region specific endpoint "
                + "this request was sent to.")
    }
}
