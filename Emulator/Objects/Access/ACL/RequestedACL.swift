import AWSProtocol

/// The access control list that a request asks for, in one of the three ways in which it may.
struct RequestedACL: Sendable {
    enum Target: Sendable {
        case bucket, object

        fileprivate func knows(_ canned: CannedACL) -> Bool { self == .bucket || canned != .logDeliveryWrite }
    }

    var list: AccessControlList
    /// Nil when grants were listed.
    var canned: CannedACL?

    /// What the headers ask for; nil when they ask for nothing.
    /// - Throws: InvalidArgument, InvalidRequest, UnresolvableGrantByEmailAddress.
    init?(headersOf request: S3Request, _ target: Target, owner: String) throws(AWSError) {
        let hasGrants = GrantHeaders.isAny(in: request)
        if let name = request.header("x-amz-acl") {
            guard !hasGrants else {
                throw .invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
            }
            guard let canned = CannedACL(rawValue: name), target.knows(canned) else {
                throw .invalidArgument("", name: "x-amz-acl", value: name)
            }
            self.canned = canned
            list = canned.list(owner: owner)
        } else {
            guard hasGrants else { return nil }
            list = AccessControlList(owner: owner, grants: try GrantHeaders.grants(of: request))
        }
    }

    /// What PutBucketAcl and PutObjectAcl ask for, by headers or by a document.
    /// - Throws: also MissingSecurityHeader, UnexpectedContent, MalformedACLError, AccessDenied.
    init(_ request: S3Request, _ document: [UInt8], _ target: Target, owner: String) throws(AWSError) {
        if let requested = try RequestedACL(headersOf: request, target, owner: owner) {
            guard document.isEmpty else {
                throw AWSError(
                    code: "UnexpectedContent", message: "This request does not support content")
            }
            self = requested
            return
        }
        guard !document.isEmpty else {
            throw AWSError(
                code: "MissingSecurityHeader", message: "Your request was missing a required header",
                elements: [("MissingHeaderName", "x-amz-acl")])
        }
        list = try ACLDocument.read(document, owner: owner)
    }

    /// Whether a bucket takes the list.
    /// - Parameter action: the one that brings it, for the text of a refusal.
    /// - Throws: AccessControlListNotSupported, AccessDenied.
    func check(_ access: BucketAccess, _ action: String, on resource: String, by caller: PolicyCaller)
        throws(AWSError)
    {
        guard access.usesLists else {
            // What the owner of all has anyhow may still be said.
            if canned == .bucketOwnerFullControl { return }
            if canned == nil, list.isPrivate, list.grants.contains(where: { $0.permission == .fullControl }) {
                return
            }
            throw AWSError(
                code: "AccessControlListNotSupported", message: "The bucket does not allow ACLs")
        }
        guard access.block?.blockPublicAcls == true, list.isPublic else { return }
        guard let arn = caller.arn else { throw .accessDenied() }
        throw .accessDenied(
            "User: \(arn) is not authorized to perform: s3:\(action) on resource: \"\(resource)\" because "
                + "public access control lists (ACLs) are blocked by the BlockPublicAcls block public access "
                + "setting.")
    }

    /// The list that a write stores with its object. Whether the bucket takes it was asked before.
    static func stored(of request: S3Request) throws(AWSError) -> [UInt8] {
        guard isAny(in: request) else { return [] }
        let owner = ObjectsCore.ownerID(of: request.context.accountID)
        return try RequestedACL(headersOf: request, .object, owner: owner)?.stored ?? []
    }

    /// Whether the headers ask for a list.
    static func isAny(in request: S3Request) -> Bool {
        request.header("x-amz-acl") != nil || GrantHeaders.isAny(in: request)
    }

    /// The list to store with an object or a bucket: nothing when all is the owner's.
    var stored: [UInt8] {
        list == AccessControlList(privateTo: list.owner) ? [] : list.encoded()
    }
}
