import AWSProtocol

/// What the document of CreateBucket asks for.
struct NewBucket: Sendable {
    var region: String
    var tags: [Tag] = []

    /// - Parameter document: may be empty.
    /// - Throws: MalformedXML, InvalidLocationConstraint, IllegalLocationConstraintException, InvalidTag.
    init(_ document: [UInt8], endpointRegion: String) throws(AWSError) {
        guard !document.isEmpty else {
            region = try Self.region(nil, endpointRegion)
            return
        }
        guard let root = try? XMLReader.parse(document), root.name == "CreateBucketConfiguration" else {
            throw .malformedXML
        }
        guard root.child("Bucket") == nil, root.child("Location") == nil else {
            // Directory buckets: another service under S3's name.
            throw .notImplementedHeader("CreateBucketConfiguration/Bucket")
        }
        region = try Self.region(root["LocationConstraint"], endpointRegion)
        if let set = root.child("Tags") { tags = try TagSet.read(set, for: .newBucket) }
    }

    /// The oldest region's endpoint makes buckets everywhere, the others in their own region only.
    private static func region(_ constraint: String?, _ endpointRegion: String) throws(AWSError) -> String {
        guard let constraint else {
            guard endpointRegion == "us-east-1" else { throw incompatible("unspecified") }
            return endpointRegion
        }
        let region = constraint == "EU" ? "eu-west-1" : constraint
        guard region != "us-east-1", Region.exists(region) || region == endpointRegion else {
            throw AWSError(
                code: "InvalidLocationConstraint", message: "The specified location-constraint is not valid",
                elements: [("LocationConstraint", constraint)])
        }
        guard region == endpointRegion || endpointRegion == "us-east-1" else {
            throw incompatible(constraint)
        }
        return constraint == "EU" ? "EU" : region
    }

    private static func incompatible(_ constraint: String) -> AWSError {
        AWSError(
            code: "IllegalLocationConstraintException",
            message: "The \(constraint) location constraint is incompatible for the region specific endpoint "
                + "this request was sent to.")
    }
}

/// AWS's regions (AWS General Reference, "Amazon S3 endpoints and quotas").
enum Region {
    private static let all: Set<String> = [
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1",
        "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
        "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
        "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
    ]

    static func exists(_ name: String) -> Bool { all.contains(name) }

    /// A bucket that was made with the old name `EU` lies in Ireland, though its location keeps that name.
    static func name(ofLocation location: String) -> String { location == "EU" ? "eu-west-1" : location }
}
