import Bytes

/// Whether a policy opens a bucket to the world (Amazon S3 User Guide, "Blocking public access to your Amazon
/// S3 storage", The meaning of "public"): it does unless it permits nothing but to callers or from places that
/// are named without wildcards.
extension Policy {
    var isPublic: Bool {
        statements.contains { statement in
            statement.allows && statement.principals.includeEveryone
                && !statement.conditions.contains(where: \.fixesCallers)
        }
    }
}

extension PolicyCondition {
    private static let callers: Set<String> = [
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
        "aws:sourceorgid", "aws:userid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ]
    /// Bits: a shorter prefix names too many addresses to be a place.
    private static let shortestPrefix = (version4: 8, version6: 32)

    /// Whether only known callers fulfil the condition.
    fileprivate var fixesCallers: Bool {
        guard !isNegated, !ifExists, quantifier != .forAll, !values.isEmpty else { return false }
        if key == "aws:sourceip" {
            return comparison == .address && values.allSatisfy { Self.isPlace($0.source) }
        }
        guard Self.callers.contains(key) else { return false }
        switch comparison {
        case .string(_), .stringLike, .arn:
            // Whoever does not sign has this name.
            return values.allSatisfy { isFixed($0) && $0.source.lowercased() != "anonymous" }
        default: return false
        }
    }

    private static func isPlace(_ text: String) -> Bool {
        guard let range = IPRange(text) else { return false }
        return range.prefixLength
            >= (range.address.bytes.count == 4 ? shortestPrefix.version4 : shortestPrefix.version6)
    }

    /// The name of an access point may be a wildcard when its account is not.
    private func isFixed(_ value: PolicyText) -> Bool {
        guard key == "s3:dataaccesspointarn" else { return value.isFixed }
        let parts = value.source.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && PolicyText(String(parts[4])).isFixed && !parts[4].isEmpty
    }
}
