import AWSProtocol
import Expressions

/// `SSESpecification` of a request.
struct EncryptionInput: Sendable {
    let isEnabled: Bool?
    let type: String?
    let keyID: String?

    init?(_ input: InputReader) throws(ValidationError) {
        guard let reader = try input.structure("SSESpecification", "SSESpecification") else { return nil }
        isEnabled = try reader.bool("Enabled")
        type = try reader.string("SSEType")
        keyID = try reader.string("KMSMasterKeyId")
    }

    func constrain(_ constraints: inout Constraints) {
        constraints.member(type, of: ["AES256", "KMS"], at: "sSESpecification.sSEType")
        if keyID?.isEmpty == true {
            constraints.fail(
                "", at: "sSESpecification.kMSMasterKeyId", "have length greater than or equal to 1")
        }
    }

    /// Whether a key of AWS KMS is asked for, instead of the one that AWS owns.
    var wantsKey: Bool { isEnabled ?? (type != nil) }

    func check() throws {
        if !wantsKey {
            for (name, value) in [("SSEType", type), ("KMSMasterKeyId", keyID)] where value != nil {
                throw TableErrors.invalidParameter("\(name) can not be specified if Enabled is false")
            }
        }
        if type == "AES256" { throw TableErrors.invalidParameter("SSEType AES256 is not supported") }
        if keyID != nil, type == nil {
            throw TableErrors.invalidParameter("SSEType KMS is required if KMSMasterKeyId is specified")
        }
    }

    /// The key that is described from now on. There is no key service here: an alias, or no name at all, stands
    /// for a key of a random id.
    func encryption(_ environment: TableEnvironment) -> Encryption? {
        guard wantsKey else { return nil }
        if let keyID, keyID.hasPrefix("arn:") { return Encryption(keyARN: keyID) }
        let location = environment.location
        var id = environment.newUUID()
        if let keyID, !keyID.hasPrefix("alias/") { id = keyID }
        return Encryption(keyARN: "arn:aws:kms:\(location.region):\(location.accountID):key/\(id)")
    }
}
