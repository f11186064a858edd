/// Who besides the owner may do what with an object or a bucket (Amazon S3 User Guide, "Access control list
/// overview").
struct AccessControlList: Sendable, Equatable {
    /// S3 takes no longer lists.
    static let maxGrants = 100

    enum Permission: String, Sendable, CaseIterable {
        case fullControl = "FULL_CONTROL"
        case read = "READ"
        case write = "WRITE"
        case readACP = "READ_ACP"
        case writeACP = "WRITE_ACP"
    }

    /// The groups that S3 knows; the raw values are their addresses and stand in stored lists.
    enum Group: String, Sendable, CaseIterable {
        case allUsers = "http://acs.amazonaws.com/groups/global/AllUsers"
        case authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
        case logDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    }

    enum Grantee: Sendable, Equatable {
        /// A canonical user id.
        case user(String)
        case group(Group)
    }

    struct Grant: Sendable, Equatable {
        var grantee: Grantee
        var permission: Permission
    }

    /// A canonical user id.
    var owner: String
    var grants: [Grant]

    init(owner: String, grants: [Grant]) {
        self.owner = owner
        self.grants = grants
    }

    /// What holds where nothing was granted: all to the owner.
    init(privateTo owner: String) {
        self.init(owner: owner, grants: [Grant(grantee: .user(owner), permission: .fullControl)])
    }

    /// Whether the world is granted anything.
    var isPublic: Bool {
        grants.contains { $0.grantee == .group(.allUsers) || $0.grantee == .group(.authenticatedUsers) }
    }

    /// Whether nobody but the owner is granted anything.
    var isPrivate: Bool { grants.allSatisfy { $0.grantee == .user(owner) } }

    /// - Parameter ignoringPublic: as the public access block may have it.
    func permits(_ permission: Permission, to caller: PolicyCaller, ignoringPublic: Bool) -> Bool {
        grants.contains { grant in
            guard grant.permission == permission || grant.permission == .fullControl else { return false }
            switch (grant.grantee, caller) {
            case (.group(.allUsers), _): return !ignoringPublic
            case (.group(.authenticatedUsers), .account): return !ignoringPublic
            case (.user(let id), .account(_, let own)): return id == own
            default: return false
            }
        }
    }

    // MARK: - Stored form

    private static let version: UInt8 = 1

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(
            bytes, versions: Self.version...Self.version, record: "access control list")
        owner = try reader.string()
        grants = try reader.list { reader throws(RecordError) in
            let isGroup = try reader.bool()
            let name = try reader.string()
            guard let permission = Permission(rawValue: try reader.string()) else { throw reader.failure() }
            guard isGroup else { return Grant(grantee: .user(name), permission: permission) }
            guard let group = Group(rawValue: name) else { throw reader.failure() }
            return Grant(grantee: .group(group), permission: permission)
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(owner)
        writer.put(list: grants) { writer, grant in
            switch grant.grantee {
            case .user(let id):
                writer.put(false)
                writer.put(id)
            case .group(let group):
                writer.put(true)
                writer.put(group.rawValue)
            }
            writer.put(grant.permission.rawValue)
        }
        return writer.bytes
    }
}
