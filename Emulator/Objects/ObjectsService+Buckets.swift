import AWSProtocol
import Bytes
import Clock
import Store

/// Buckets that the project's manifest declares.
extension ObjectsService {
    /// One CORS rule in the words of the project's manifest.
    public struct CORSRuleInput: Sendable {
        public var allowedOrigins: [String]
        public var allowedMethods: [String]
        public var allowedHeaders: [String]
        public var exposeHeaders: [String]
        public var maxAgeSeconds: Int?

        public init(
            allowedOrigins: [String], allowedMethods: [String], allowedHeaders: [String] = [],
            exposeHeaders: [String] = [], maxAgeSeconds: Int? = nil
        ) {
            self.allowedOrigins = allowedOrigins
            self.allowedMethods = allowedMethods
            self.allowedHeaders = allowedHeaders
            self.exposeHeaders = exposeHeaders
            self.maxAgeSeconds = maxAgeSeconds
        }

        fileprivate var rule: CORSRule {
            CORSRule(
                id: nil, allowedOrigins: allowedOrigins, allowedMethods: allowedMethods,
                allowedHeaders: allowedHeaders, exposeHeaders: exposeHeaders, maxAgeSeconds: maxAgeSeconds)
        }
    }

    /// A bucket that anybody may read as a web site.
    public struct WebsiteInput: Sendable {
        /// What is appended to the paths of folders, without a slash: `index.html`.
        public var index: String
        /// The key of the page for errors.
        public var error: String?

        public init(index: String, error: String? = nil) {
            self.index = index
            self.error = error
        }

        fileprivate var tree: XMLElement {
            var children = [
                XMLElement(name: "IndexDocument", children: [XMLElement(name: "Suffix", text: index)])
            ]
            if let error {
                children.append(
                    XMLElement(name: "ErrorDocument", children: [XMLElement(name: "Key", text: error)]))
            }
            return XMLElement(name: "WebsiteConfiguration", children: children)
        }
    }

    /// Makes sure that a bucket exists. Rules, site and notifications replace those of an existing bucket; none leave
    /// them. A site's bucket gets a policy that lets anybody read its objects, unless it has a policy already.
    /// - Throws: `InvalidBucketName`, the errors of PutBucketCors, PutBucketWebsite and
    ///   PutBucketNotificationConfiguration, `InternalError`.
    public func createBucketIfMissing(
        _ name: String, cors: [CORSRuleInput] = [], website: WebsiteInput? = nil,
        notifications: [NotificationInput] = [], lifecycle: [LifecycleInput] = []
    ) async throws(AWSError) {
        guard BucketName.isValid(name) else { throw .invalidBucketName(name) }
        let rules = cors.map(\.rule)
        for rule in rules { try rule.validate() }
        let site = website?.tree
        if let site { try WebsiteConfiguration.validate(site) }
        let notifications = try notificationDocument(notifications)
        let lifecycle = try Self.lifecycleDocument(lifecycle)
        let key = StorageKeys.bucket(name)
        let region = core.configuration.region
        let now = core.clock.now
        do {
            try await core.store.commit { transaction in
                let old = try transaction.get(.objects, key).map(BucketRecord.init(decoding:))
                var record = old ?? BucketRecord(newAt: now, region: region)
                if !rules.isEmpty { record.cors = rules }
                if let notifications { record.documents[.notification] = notifications }
                if let lifecycle { record.documents[.lifecycle] = lifecycle }
                if let site {
                    record.documents[.website] = BucketConfiguration.document(site)
                    record.openToReaders(name)
                }
                transaction.put(.objects, key, record.encoded())
            }
        } catch {
            throw Self.serviceError(error)
        }
    }
}

extension BucketRecord {
    /// Lets anybody read all objects and learn which there are not, unless a policy says already who may.
    fileprivate mutating func openToReaders(_ name: String) {
        guard documents[.policy] == nil else { return }
        documents[.publicAccessBlock] = nil
        documents[.policy] = Array(
            """
            {"Version":"2012-10-17","Statement":[{"Sid":"Website","Effect":"Allow","Principal":"*",\
            "Action":["s3:GetObject","s3:ListBucket"],\
            "Resource":["arn:aws:s3:::\(name)","arn:aws:s3:::\(name)/*"]}]}
            """.utf8)
    }
}
