import Store

/// Each configuration that is stored as a document still fits its published form.
enum ConfigurationCheck {
    private static let single: [BucketConfiguration] = [
        PutBucketEncryption.configuration, PutBucketLogging.configuration,
        PutBucketRequestPayment.configuration, PutBucketAccelerateConfiguration.configuration,
        PutBucketReplication.configuration, PutBucketWebsite.configuration,
    ]
    private static let named: [NamedConfigurations] = [
        PutBucketAnalyticsConfiguration.configurations, PutBucketInventoryConfiguration.configurations,
        PutBucketMetricsConfiguration.configurations,
        PutBucketIntelligentTieringConfiguration.configurations,
    ]

    /// - Parameter name: of the bucket's record, for messages.
    static func run(_ bucket: BucketRecord, _ name: String, _ run: CheckRun) {
        for configuration in single {
            guard let document = bucket.documents[configuration.kind] else { continue }
            check(document, configuration.shape, name, run)
        }
        for configurations in named {
            for document in configurations.documents(of: bucket) {
                check(document, configurations.shape, name, run)
            }
        }
        let notifications = bucket.documents[.notification]
        if let notifications, (try? NotificationConfiguration(decoding: notifications)) == nil {
            run.fault("the notifications of \(name) cannot be read")
        }
        if let rules = bucket.documents[.lifecycle], (try? LifecycleConfiguration(decoding: rules)) == nil {
            run.fault("the lifecycle rules of \(name) cannot be read")
        }
        let tags = bucket.documents[.tagging]
        if let tags, (try? TagSet.read(tags, for: .bucket)) == nil {
            run.fault("the tags of \(name) cannot be read")
        }
        checkAccess(bucket, name, run)
    }

    private static func checkAccess(_ bucket: BucketRecord, _ name: String, _ run: CheckRun) {
        if (try? BucketAccess(bucket)) == nil {
            run.fault("the policy or the access control list of \(name) cannot be read")
        }
        if bucket.documents[.publicAccessBlock]?.count ?? 1 != 1 {
            run.fault("the public access block of \(name) cannot be read")
        }
        if bucket.documents[.ownershipControls] != nil, bucket.objectOwnership == nil {
            run.fault("the ownership controls of \(name) cannot be read")
        }
    }

    private static func check(_ document: [UInt8], _ shape: DocumentShape, _ name: String, _ run: CheckRun) {
        if (try? shape.read(document)) == nil {
            run.fault("the \(shape.root) of \(name) is not of its form")
        }
    }
}
