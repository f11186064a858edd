/// The lists that `x-amz-acl` names (Amazon S3 User Guide, "Canned ACL").
enum CannedACL: String, Sendable, CaseIterable {
    case `private`
    case publicRead = "public-read"
    case publicReadWrite = "public-read-write"
    case authenticatedRead = "authenticated-read"
    case awsExecRead = "aws-exec-read"
    case bucketOwnerRead = "bucket-owner-read"
    case bucketOwnerFullControl = "bucket-owner-full-control"
    case logDeliveryWrite = "log-delivery-write"

    /// - Parameter owner: of the object and of its bucket, for there is but one account.
    func list(owner: String) -> AccessControlList {
        var list = AccessControlList(privateTo: owner)
        switch self {
        case .publicRead: list.grant(.read, to: .allUsers)
        case .publicReadWrite:
            list.grant(.read, to: .allUsers)
            list.grant(.write, to: .allUsers)
        case .authenticatedRead: list.grant(.read, to: .authenticatedUsers)
        case .logDeliveryWrite:
            list.grant(.write, to: .logDelivery)
            list.grant(.readACP, to: .logDelivery)
        case .private, .awsExecRead, .bucketOwnerRead, .bucketOwnerFullControl: break
        }
        return list
    }
}

extension AccessControlList {
    fileprivate mutating func grant(_ permission: Permission, to group: Group) {
        grants.append(Grant(grantee: .group(group), permission: permission))
    }
}
