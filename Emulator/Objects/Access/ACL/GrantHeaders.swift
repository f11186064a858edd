import AWSProtocol

/// Grants in headers: `x-amz-grant-read: uri="...", id="..."`.
enum GrantHeaders {
    private static let permissions: [(name: String, permission: AccessControlList.Permission)] = [
        ("x-amz-grant-full-control", .fullControl), ("x-amz-grant-read", .read),
        ("x-amz-grant-write", .write), ("x-amz-grant-read-acp", .readACP),
        ("x-amz-grant-write-acp", .writeACP),
    ]

    static func isAny(in request: S3Request) -> Bool {
        permissions.contains { request.header($0.name) != nil }
    }

    /// - Throws: InvalidArgument, UnresolvableGrantByEmailAddress.
    static func grants(of request: S3Request) throws(AWSError) -> [AccessControlList.Grant] {
        var grants: [AccessControlList.Grant] = []
        for (name, permission) in permissions {
            guard let value = request.header(name) else { continue }
            for text in value.split(separator: ",", omittingEmptySubsequences: false) {
                grants.append(
                    AccessControlList.Grant(grantee: try grantee(text, name), permission: permission))
            }
        }
        return grants
    }

    private static func grantee(_ text: Substring, _ header: String) throws(AWSError)
        -> AccessControlList.Grantee
    {
        let trimmed = text.filter { $0 != " " }
        let parts = trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw unrecognized(header, trimmed) }
        let value = parts[1].filter { $0 != "\"" }
        switch parts[0].lowercased() {
        case "id": return try .user(canonicalID: value, argument: "id")
        case "uri": return try .group(uri: value, argument: "uri")
        case "emailaddress": throw .unresolvableEmail
        default: throw unrecognized(header, trimmed)
        }
    }

    private static func unrecognized(_ header: String, _ value: String) -> AWSError {
        .invalidArgument("Argument format not recognized", name: header, value: value)
    }
}

extension AccessControlList.Grantee {
    /// - Throws: InvalidArgument for what can be no canonical user's id.
    static func user(canonicalID: String, argument: String) throws(AWSError) -> Self {
        let isHex = canonicalID.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard canonicalID.utf8.count == 64, isHex else {
            throw .invalidArgument("Invalid id", name: argument, value: canonicalID)
        }
        return .user(canonicalID)
    }

    /// - Throws: InvalidArgument for an address that no group has.
    static func group(uri: String, argument: String) throws(AWSError) -> Self {
        guard let group = AccessControlList.Group(rawValue: uri) else {
            throw .invalidArgument("Invalid group uri", name: argument, value: uri)
        }
        return .group(group)
    }
}

extension AWSError {
    /// No account here has an address.
    static let unresolvableEmail = AWSError(
        code: "UnresolvableGrantByEmailAddress",
        message: "The e-mail address you provided does not match any account on record.")

    static let malformedACL = AWSError(
        code: "MalformedACLError",
        message: "The XML you provided was not well-formed or did not validate against our published schema")
}
