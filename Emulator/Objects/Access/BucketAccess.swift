import AWSProtocol
import Bytes
import Clock

/// What a bucket's configurations say about access, decoded from its record.
struct BucketAccess: Sendable {
    /// Nil: none was put.
    var policy: Policy?
    var isPolicyPublic = false
    var block: PublicAccessBlock?
    var ownership: ObjectOwnership?
    /// Nil: everything is the owner's.
    var list: AccessControlList?

    init(_ record: BucketRecord) throws {
        policy = try record.documents[.policy].map { bytes in try PolicyReader.read(bytes) }
        isPolicyPublic = policy?.isPublic ?? false
        block = record.publicAccessBlock
        ownership = record.objectOwnership
        list = try record.documents[.accessControlList].map { try AccessControlList(decoding: $0) }
    }

    /// Whether lists count at all. Without ownership controls they do.
    var usesLists: Bool { ownership != .bucketOwnerEnforced }
}

/// Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
struct PublicAccessBlock: Sendable, Equatable {
    var blockPublicAcls = false
    var ignorePublicAcls = false
    var blockPublicPolicy = false
    var restrictPublicBuckets = false

    /// What a new bucket has since April 2023.
    static let everything = PublicAccessBlock(
        blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true)
}

/// Amazon S3 User Guide, "Controlling ownership of objects".
enum ObjectOwnership: String, Sendable, CaseIterable {
    case bucketOwnerEnforced = "BucketOwnerEnforced"
    case bucketOwnerPreferred = "BucketOwnerPreferred"
    case objectWriter = "ObjectWriter"
}

extension BucketRecord {
    /// Nil: there is no such configuration.
    var publicAccessBlock: PublicAccessBlock? {
        get {
            guard let bits = documents[.publicAccessBlock]?.first else { return nil }
            return PublicAccessBlock(
                blockPublicAcls: bits & 1 != 0, ignorePublicAcls: bits & 2 != 0,
                blockPublicPolicy: bits & 4 != 0, restrictPublicBuckets: bits & 8 != 0)
        }
        set {
            documents[.publicAccessBlock] = newValue.map { block in
                let flags = [
                    block.blockPublicAcls, block.ignorePublicAcls, block.blockPublicPolicy,
                    block.restrictPublicBuckets,
                ]
                return [flags.enumerated().reduce(UInt8(0)) { $0 | ($1.element ? 1 << $1.offset : 0) }]
            }
        }
    }

    /// Nil: there is no such configuration.
    var objectOwnership: ObjectOwnership? {
        get { documents[.ownershipControls].flatMap { ObjectOwnership(rawValue: String(utf8: $0)) } }
        set { documents[.ownershipControls] = newValue.map(\.rawValue.bytes) }
    }

    /// A new bucket with what AWS gives each.
    init(newAt time: Timestamp, region: String) {
        self.init(created: time, region: region)
        setDefaultAccess()
    }

    mutating func setDefaultAccess() {
        publicAccessBlock = .everything
        objectOwnership = .bucketOwnerEnforced
    }
}
