import AWSProtocol
import Bytes
import HTTPTypes
import Store

/// What the sender of a request may do in a bucket, by the bucket's policy, the access control lists and the
/// public access block (Amazon S3 User Guide, "How Amazon S3 authorizes a request"). Who signed is the owner
/// of all buckets: he may do everything that the policy does not deny. Whoever did not sign needs to be
/// permitted.
struct Access: Sendable {
    let bucket: String
    let caller: PolicyCaller
    private let known: KnownBucket
    private let request: S3Request
    private let document: RequestDocument
    private let core: ObjectsCore

    /// Nil when there is no such bucket.
    /// - Parameter caller: by default who signed the request.
    init?(
        _ bucket: String, _ request: S3Request, _ core: ObjectsCore, by caller: PolicyCaller? = nil
    ) throws {
        guard let known = try core.buckets.bucket(bucket, core.store) else { return nil }
        self.bucket = bucket
        self.known = known
        self.request = request
        document = RequestDocument(request)
        self.core = core
        self.caller = caller ?? core.caller(request.context.identity)
    }

    var rules: BucketAccess { known.access }

    /// Whether no question needs to be asked.
    var isUnlimited: Bool { known.access.policy == nil && caller != .anonymous }

    /// Something to be done, and to what.
    struct Deed: Sendable {
        /// Without `s3:`.
        var action: String
        /// Nil: the bucket itself.
        var key: [UInt8]?
        var version: VersionID?
        /// Part of an upload: an access control list of the bucket that grants the upload grants this, too.
        var isOfUpload = false

        init(_ action: String, key: [UInt8]? = nil, version: VersionID? = nil) {
            self.action = action
            self.key = key
            self.version = version
        }
    }

    enum Verdict: Sendable, Equatable {
        case permitted
        /// A statement of the policy says no.
        case denied
        /// Nothing says yes.
        case notPermitted
    }

    func verdict(_ deed: Deed) -> Verdict {
        if isUnlimited { return .permitted }
        let access = known.access
        switch access.policy?.answer(question(deed)) ?? .silent {
        case .denied:
            // The owner can always take back a policy that locks him out.
            return caller != .anonymous && Self.aboutPolicy.contains(deed.action) ? .permitted : .denied
        case .allowed:
            if caller != .anonymous { return .permitted }
            // A policy that lets the world do everything still is the owner's to change.
            if Self.aboutPolicy.contains(deed.action) { return .notPermitted }
            let isRestricted = access.block?.restrictPublicBuckets == true && access.isPolicyPublic
            return isRestricted ? .notPermitted : .permitted
        case .silent: return caller != .anonymous || isGranted(deed) ? .permitted : .notPermitted
        }
    }

    /// - Throws: AccessDenied.
    func require(_ deed: Deed) throws(AWSError) {
        switch verdict(deed) {
        case .permitted: return
        case .notPermitted: throw .accessDenied()
        case .denied:
            guard let arn = caller.arn else { throw .accessDenied() }
            throw .accessDenied(
                "User: \(arn) is not authorized to perform: s3:\(deed.action) on resource: "
                    + "\"\(String(utf8: resource(deed)))\" with an explicit deny in a resource-based policy")
        }
    }

    /// Whether there is no such object.
    func isMissing(_ deed: Deed) -> Bool { object(deed) == nil }

    private static let aboutPolicy: Set<String> = [
        "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy",
    ]

    private func resource(_ deed: Deed) -> [UInt8] {
        "arn:aws:s3:::\(bucket)".bytes + (deed.key.map { [UInt8(ascii: "/")] + $0 } ?? [])
    }

    private func question(_ deed: Deed) -> PolicyQuestion {
        var known: ObjectRecord??
        let facts = AccessFacts(
            request: request, bucket: bucket, caller: caller, accountID: core.configuration.accountID,
            object: {
                // Each condition about the object's tags asks again.
                if let known { return known }
                let record = object(deed)
                known = .some(record)
                return record
            }, document: document)
        return PolicyQuestion(
            caller: caller, action: "s3:\(deed.action)", resource: resource(deed), facts: facts.facts)
    }

    private func object(_ deed: Deed) -> ObjectRecord? {
        guard let key = deed.key else { return nil }
        let versions = Versions(bucket: bucket, key: key)
        return try? core.store.read { snapshot in
            if let version = deed.version { return try versions.find(version, in: snapshot) }
            return try versions.current(in: snapshot)
        }
    }

    // MARK: - Access control lists

    /// The permission of a list that an action needs.
    private static let permissions: [String: AccessControlList.Permission] = [
        "ListBucket": .read, "ListBucketVersions": .read, "ListBucketMultipartUploads": .read,
        "PutObject": .write, "DeleteObject": .write,
        "GetBucketAcl": .readACP, "PutBucketAcl": .writeACP, "GetObject": .read, "GetObjectVersion": .read,
        "GetObjectTorrent": .read, "GetObjectAcl": .readACP, "GetObjectVersionAcl": .readACP,
        "PutObjectAcl": .writeACP, "PutObjectVersionAcl": .writeACP,
    ]

    private func isGranted(_ deed: Deed) -> Bool {
        guard known.access.usesLists, var permission = Self.permissions[deed.action] else { return false }
        if deed.isOfUpload { permission = .write }
        let list: AccessControlList?
        if deed.key == nil || permission == .write {
            list = known.access.list
        } else {
            guard let record = object(deed) else { return false }
            list = try? record.accessControlList()
        }
        let ignoring = known.access.block?.ignorePublicAcls == true
        return list?.permits(permission, to: caller, ignoringPublic: ignoring) ?? false
    }
}

extension ObjectsCore {
    /// Every key that the endpoint knows belongs to the root user of its one account.
    func caller(_ identity: CallerIdentity) -> PolicyCaller {
        switch identity {
        case .signed: .account(configuration.accountID, canonicalID: ownerID)
        case .anonymous: .anonymous
        }
    }
}

extension ObjectRecord {
    /// Nil: everything is the owner's.
    func accessControlList() throws(RecordError) -> AccessControlList? {
        attributes.accessControlList.isEmpty
            ? nil : try AccessControlList(decoding: attributes.accessControlList)
    }
}
