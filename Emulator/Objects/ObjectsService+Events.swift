import AWSProtocol

extension ObjectsService {
    /// One function that a bucket tells of events, in the words of the project's manifest.
    public struct NotificationInput: Sendable {
        public var function: String
        /// As in S3's own configuration: `s3:ObjectCreated:*`.
        public var events: [String]
        public var prefix: String?
        public var suffix: String?

        public init(function: String, events: [String], prefix: String? = nil, suffix: String? = nil) {
            self.function = function
            self.events = events
            self.prefix = prefix
            self.suffix = suffix
        }
    }

    /// The names that `NotificationInput.events` may hold.
    public static var eventNames: [String] { EventNames.all }

    /// Whether a bucket may have these notifications together.
    /// - Throws: what PutBucketNotificationConfiguration answers.
    public static func check(
        _ inputs: [NotificationInput], configuration: Configuration
    ) throws(AWSError) {
        try Self.rules(inputs, configuration).validate(region: configuration.region)
    }

    /// What the bucket's record keeps; nil when nothing is asked for.
    func notificationDocument(_ inputs: [NotificationInput]) throws(AWSError) -> [UInt8]? {
        if inputs.isEmpty { return nil }
        let rules = Self.rules(inputs, core.configuration)
        try rules.validate(region: core.configuration.region)
        core.deliveries.listen()
        return rules.document
    }

    private static func rules(
        _ inputs: [NotificationInput], _ configuration: Configuration
    ) -> NotificationConfiguration {
        NotificationConfiguration(
            rules: inputs.enumerated().map { index, input in
                // The same at every start, so that events of an earlier run still find their rule.
                NotificationConfiguration.Rule(
                    destination: .function, id: "manifest-\(index + 1)-\(input.function)",
                    arn: "arn:aws:lambda:\(configuration.region):\(configuration.accountID):function:"
                        + input.function,
                    events: input.events, prefix: input.prefix, suffix: input.suffix)
            })
    }
}
