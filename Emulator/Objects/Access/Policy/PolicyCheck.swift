import AWSProtocol
import Bytes

/// Whether a policy makes sense for its bucket: it names that bucket, its actions exist and have something to
/// act upon, its conditions know their keys.
struct PolicyCheck {
    let bucket: String

    /// What a resource may be.
    private struct Reach {
        var bucket = false
        var objects = false
    }

    /// - Throws: MalformedPolicy, with S3's texts.
    func check(_ policy: Policy) throws(AWSError) {
        for statement in policy.statements {
            // Asked of new policies only: a stored one, of an earlier version, must not close its bucket.
            guard !statement.allows || !statement.principals.isNegated else {
                throw .malformedPolicy("Allow with NotPrincipal is not allowed.")
            }
            var reach = Reach()
            for resource in statement.resources.texts {
                guard let one = self.reach(of: resource) else {
                    throw .malformedPolicy("Policy has invalid resource", detail: resource.source)
                }
                reach.bucket = reach.bucket || one.bucket
                reach.objects = reach.objects || one.objects
            }
            var named: [[String]] = []
            for action in statement.actions.texts {
                let actions = S3Action.named(by: action)
                guard !actions.isEmpty else {
                    throw .malformedPolicy("Policy has invalid action", detail: action.source)
                }
                named.append(actions)
            }
            // `NotResource` and `NotAction` leave nearly everything, so they fit always.
            if !statement.actions.isNegated, !statement.resources.isNegated {
                for actions in named where !actions.contains(where: { isWithin(reach, $0) }) {
                    throw .malformedPolicy("Action does not apply to any resource(s) in statement")
                }
            }
            try check(statement.conditions)
        }
    }

    private func isWithin(_ reach: Reach, _ action: String) -> Bool {
        S3Action.onObjects.contains(action) ? reach.objects : reach.bucket
    }

    /// Nil for a resource that is not of this bucket.
    private func reach(of resource: PolicyText) -> Reach? {
        let parts = resource.source.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", ["aws", "*"].contains(parts[1]), parts[2] == "s3" else {
            return nil
        }
        let path = parts[5]
        let slash = path.firstIndex(of: "/")
        let name = PolicyText(String(path[..<(slash ?? path.endIndex)]))
        guard name.source.hasPrefix(bucket), name.matches(bucket.bytes, PolicyFacts { _ in nil }) else {
            return nil
        }
        // A wildcard right behind the bucket's name reaches over the slash.
        if slash == nil { return Reach(bucket: true, objects: name.source.hasSuffix("*")) }
        return Reach(bucket: false, objects: true)
    }

    private func check(_ conditions: [PolicyCondition]) throws(AWSError) {
        for condition in conditions where !PolicyKeys.exist(condition.key) {
            throw .malformedPolicy("Policy has an invalid condition key", detail: condition.key)
        }
    }
}

/// The keys that conditions may name.
enum PolicyKeys {
    /// Amazon S3's own, in lower case (Service Authorization Reference, "Condition keys for Amazon S3").
    private static let own: Set<String> = [
        "s3:accessgrantsinstancearn", "s3:accesspointnetworkorigin", "s3:authtype", "s3:bucketname",
        "s3:bucketnamespace", "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:delimiter",
        "s3:destinationregion", "s3:existingjoboperation", "s3:if-match", "s3:if-none-match",
        "s3:inventoryaccessibleoptionalfields", "s3:isreplicationpauserequest", "s3:jobsuspendedcause",
        "s3:locationconstraint", "s3:max-keys", "s3:object-lock-legal-hold", "s3:object-lock-mode",
        "s3:object-lock-remaining-retention-days", "s3:object-lock-retain-until-date",
        "s3:objectcreationoperation", "s3:prefix", "s3:requestobjecttagkeys", "s3:resourceaccount",
        "s3:signatureage", "s3:signatureversion", "s3:tlsversion", "s3:versionid", "s3:x-amz-acl",
        "s3:x-amz-content-sha256", "s3:x-amz-copy-source", "s3:x-amz-grant-full-control",
        "s3:x-amz-grant-read", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write",
        "s3:x-amz-grant-write-acp", "s3:x-amz-metadata-directive", "s3:x-amz-object-ownership",
        "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-storage-class",
        "s3:x-amz-website-redirect-location",
    ]

    /// - Parameter key: as ``PolicyFacts/normalised(_:)`` spells it. S3 takes any key of AWS's global ones.
    static func exist(_ key: String) -> Bool {
        if own.contains(key) { return true }
        if ["s3:existingobjecttag/", "s3:requestobjecttag/", "s3:buckettag/"].contains(where: key.hasPrefix) {
            return !key.hasSuffix("/")
        }
        return ["aws:", "kms:", "sts:", "saml:"].contains(where: key.hasPrefix)
    }
}
