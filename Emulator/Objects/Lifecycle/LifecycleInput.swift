import AWSProtocol

extension ObjectsService {
    /// One lifecycle rule in the words of the project's manifest.
    public struct LifecycleInput: Sendable {
        public var id: String
        /// Of the keys that it is for; empty for all.
        public var prefix: String
        /// Days after which objects are removed.
        public var expirationDays: Int?
        /// Days after which uploads that were not completed are removed.
        public var abortUploadsDays: Int?
        /// Days after which objects move, and the storage class that they move to.
        public var transition: (days: Int, storageClass: String)?

        public init(
            id: String, prefix: String = "", expirationDays: Int? = nil, abortUploadsDays: Int? = nil,
            transition: (days: Int, storageClass: String)? = nil
        ) {
            self.id = id
            self.prefix = prefix
            self.expirationDays = expirationDays
            self.abortUploadsDays = abortUploadsDays
            self.transition = transition
        }

        /// As S3 has it.
        public var tree: XMLElement {
            func days(_ name: String, _ child: String, _ count: Int) -> XMLElement {
                XMLElement(name: name, children: [XMLElement(name: child, text: "\(count)")])
            }
            var children = [
                XMLElement(name: "ID", text: id),
                XMLElement(name: "Filter", children: [XMLElement(name: "Prefix", text: prefix)]),
                XMLElement(name: "Status", text: "Enabled"),
            ]
            if let expirationDays { children.append(days("Expiration", "Days", expirationDays)) }
            if let transition {
                var element = days("Transition", "Days", transition.days)
                element.children.append(XMLElement(name: "StorageClass", text: transition.storageClass))
                children.append(element)
            }
            if let abortUploadsDays {
                children.append(
                    days("AbortIncompleteMultipartUpload", "DaysAfterInitiation", abortUploadsDays))
            }
            return XMLElement(name: "Rule", children: children)
        }
    }

    /// Whether S3 takes these rules together.
    /// - Throws: what PutBucketLifecycleConfiguration answers.
    public static func check(_ rules: [LifecycleInput]) throws(AWSError) { _ = try lifecycleDocument(rules) }

    /// - Returns: a bucket's stored configuration; nil for no rules.
    static func lifecycleDocument(_ inputs: [LifecycleInput]) throws(AWSError) -> [UInt8]? {
        guard !inputs.isEmpty else { return nil }
        let tree = XMLElement(name: "LifecycleConfiguration", children: inputs.map(\.tree))
        let rules = try LifecycleReader.read(BucketConfiguration.document(tree))
        try LifecycleValidation.check(rules)
        return LifecycleConfiguration(rules: rules).encoded()
    }
}
