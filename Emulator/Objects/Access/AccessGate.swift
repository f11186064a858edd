import AWSProtocol
import HTTPTypes

/// What stands before every operation: may its caller do that?
enum AccessGate {
    /// Operations that ask for each of their objects themselves.
    private static let selfAsking = ["DeleteObjects", "PostObject"]

    /// - Throws: AccessDenied, or the errors about `x-amz-expected-bucket-owner`.
    static func admit(_ request: S3Request, _ operation: Operation, _ core: ObjectsCore) throws {
        try checkOwner(request, "x-amz-expected-bucket-owner", core)
        let isAnonymous = request.context.identity == .anonymous
        if isAnonymous { try refuseToAnonymous(request, operation) }
        if request.header("x-amz-copy-source") != nil {
            try CopySource.refuseElsewhere(request)
            try admitSource(request, core)
        }
        guard request.address.bucket != nil, !selfAsking.contains(operation.name),
            operation.name != "CreateBucket",
            // An absent bucket is told by the operation itself.
            let access = try Access(request.bucket, request, core)
        else { return }
        if !access.isUnlimited {
            for deed in RequiredDeeds.deeds(operation, request) { try check(deed, access) }
        }
        if RequiredDeeds.writes.contains(operation.name) { try checkList(of: request, access) }
    }

    /// What stands before an upload that is told by a form instead of a PUT.
    /// - Parameter request: names the object, carries the form's fields as headers, and who signed.
    static func admitWrite(_ request: S3Request, _ core: ObjectsCore) throws {
        guard let access = try Access(request.bucket, request, core) else { return }
        for deed in [Access.Deed("PutObject", key: request.key)] + RequiredDeeds.writeDeeds(request) {
            try access.require(deed)
        }
        try checkList(of: request, access)
    }

    /// Whether the bucket takes the access control list that a write brings along.
    private static func checkList(of request: S3Request, _ access: Access) throws {
        guard RequestedACL.isAny(in: request) else { return }
        let owner = ObjectsCore.ownerID(of: request.context.accountID)
        try RequestedACL(headersOf: request, .object, owner: owner)?.check(
            access.rules, "PutObject", on: "arn:aws:s3:::\(request.bucket)/\(request.keyText)",
            by: access.caller)
    }

    /// For what is no operation of its own, such as a form's upload: one action on what the request names.
    /// - Parameters:
    ///   - action: without `s3:`; with a version in the request, its counterpart for versions is meant.
    ///   - caller: by default who signed the request.
    /// - Throws: AccessDenied.
    static func require(
        _ action: String, _ request: S3Request, _ core: ObjectsCore, by caller: PolicyCaller? = nil
    ) throws {
        guard let access = try Access(request.bucket, request, core, by: caller) else { return }
        let version = request.value("versionId").flatMap { VersionID($0) }
        try check(
            request.address.key.map { RequiredDeeds.deed(action, $0, version) } ?? Access.Deed(action), access
        )
    }

    /// Without permission to list a bucket nobody learns which keys it does not hold.
    private static func check(_ deed: Access.Deed, _ access: Access) throws {
        guard deed.action.hasPrefix("GetObject"), deed.key != nil, access.isMissing(deed) else {
            return try access.require(deed)
        }
        if access.verdict(deed) == .denied { try access.require(deed) }
        try access.require(Access.Deed("ListBucket"))
    }

    /// What nobody may do without a name, whatever a policy says.
    private static func refuseToAnonymous(_ request: S3Request, _ operation: Operation) throws(AWSError) {
        switch operation.name {
        case "ListBuckets", "CreateBucket": throw .accessDenied()
        case "CreateMultipartUpload":
            throw .accessDenied("Anonymous users cannot initiate multipart uploads.  Please authenticate.")
        case "GetObject", "HeadObject":
            guard request.query.contains(where: { ObjectHeaders.isOverride($0.name) }) else { return }
            throw .invalidRequest(
                "Request specific response headers cannot be used for anonymous GET requests.")
        default: return
        }
    }

    /// The object that is copied from is read.
    private static func admitSource(_ request: S3Request, _ core: ObjectsCore) throws {
        try checkOwner(request, "x-amz-source-expected-bucket-owner", core)
        guard let source = try? CopySource(request),
            let access = try Access(source.bucket, request, core), !access.isUnlimited
        else { return }
        var version: VersionID?
        if case .version(let named) = source.selector { version = named }
        try check(RequiredDeeds.deed("GetObject", source.key, version), access)
    }

    private static func checkOwner(
        _ request: S3Request, _ header: String, _ core: ObjectsCore
    ) throws(AWSError) {
        guard let owner = request.header(header) else { return }
        guard owner.utf8.count == 12, owner.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw AWSError(
                code: "InvalidBucketOwnerAWSAccountID",
                message: "The value of the expected bucket owner parameter must be an AWS Account ID... "
                    + "[\(owner)]")
        }
        if owner != core.configuration.accountID { throw .accessDenied() }
    }
}
