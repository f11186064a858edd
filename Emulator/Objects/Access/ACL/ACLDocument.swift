import AWSProtocol

/// `AccessControlPolicy`, the document of the operations on access control lists.
enum ACLDocument {
    private static let instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

    /// - Parameter owner: whom the document must name as the owner.
    /// - Throws: MalformedACLError, InvalidArgument, UnresolvableGrantByEmailAddress, AccessDenied.
    static func read(_ document: [UInt8], owner: String) throws(AWSError) -> AccessControlList {
        guard let root = try? XMLReader.parse(document), root.name == "AccessControlPolicy",
            let ownerElement = root.child("Owner"), let grants = root.child("AccessControlList")
        else { throw .malformedACL }
        let named = ownerElement["ID"] ?? ""
        _ = try AccessControlList.Grantee.user(canonicalID: named, argument: "CanonicalUser/ID")
        var list = AccessControlList(owner: named, grants: [])
        for element in grants.children {
            guard element.name == "Grant" else { throw .malformedACL }
            list.grants.append(try grant(element))
        }
        guard list.grants.count <= AccessControlList.maxGrants else { throw .malformedACL }
        if named != owner { throw .accessDenied() }
        return list
    }

    private static func grant(_ element: XMLElement) throws(AWSError) -> AccessControlList.Grant {
        guard let grantee = element.child("Grantee"),
            let permission = AccessControlList.Permission(rawValue: element["Permission"] ?? "")
        else { throw .malformedACL }
        let who: AccessControlList.Grantee
        switch grantee.attributes["type"] {
        case "CanonicalUser":
            who = try .user(canonicalID: grantee["ID"] ?? "", argument: "CanonicalUser/ID")
        case "Group": who = try .group(uri: grantee["URI"] ?? "", argument: "Group/URI")
        case "AmazonCustomerByEmail": throw .unresolvableEmail
        default: throw .malformedACL
        }
        return AccessControlList.Grant(grantee: who, permission: permission)
    }

    static func write(_ list: AccessControlList, to xml: inout XMLWriter) {
        xml.element("Owner") { $0.text("ID", list.owner) }
        xml.element("AccessControlList") { xml in
            for grant in list.grants {
                xml.element("Grant") { xml in
                    switch grant.grantee {
                    case .user(let id): grantee("CanonicalUser", &xml) { $0.text("ID", id) }
                    case .group(let group): grantee("Group", &xml) { $0.text("URI", group.rawValue) }
                    }
                    xml.text("Permission", grant.permission.rawValue)
                }
            }
        }
    }

    private static func grantee(
        _ type: String, _ xml: inout XMLWriter, _ children: (inout XMLWriter) -> Void
    ) {
        xml.element(
            "Grantee", attributes: [("xmlns:xsi", instanceNamespace), ("xsi:type", type)], children)
    }
}
