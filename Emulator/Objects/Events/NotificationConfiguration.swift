import Bytes

/// Whom a bucket tells of which events.
struct NotificationConfiguration: Sendable, Equatable {
    enum Destination: UInt8, Sendable, CaseIterable {
        case topic = 1
        case queue = 2
        case function = 3

        /// The element that holds one rule, in S3's own spelling.
        var element: String {
            switch self {
            case .topic: "TopicConfiguration"
            case .queue: "QueueConfiguration"
            case .function: "CloudFunctionConfiguration"
            }
        }

        /// The element with the ARN, which is also how errors call it.
        var argument: String {
            switch self {
            case .topic: "Topic"
            case .queue: "Queue"
            case .function: "CloudFunction"
            }
        }

        /// The service in the destination's ARN.
        var service: String {
            switch self {
            case .topic: "sns"
            case .queue: "sqs"
            case .function: "lambda"
            }
        }
    }

    struct Rule: Sendable, Equatable {
        var destination: Destination
        var id: String
        var arn: String
        /// With `s3:`; the last part may be `*`.
        var events: [String]
        /// Nil: not asked for, which an empty one is not the same as in what a client reads back.
        var prefix: String?
        var suffix: String?

        /// - Parameter event: with `s3:`.
        func covers(_ event: String, _ key: [UInt8]) -> Bool {
            events.contains { EventNames.covers($0, event) }
                && Self.fits(prefix) { key.starts(with: $0) }
                && Self.fits(suffix) { key.reversed().starts(with: $0.reversed()) }
        }

        /// S3 has people write special characters of a filter in their encoded form.
        private static func fits(_ filter: String?, _ test: ([UInt8]) -> Bool) -> Bool {
            guard let filter, !filter.isEmpty else { return true }
            if test(filter.bytes) { return true }
            guard filter.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
                return false
            }
            return PercentEncoding.decodeBytes(filter, plusIsSpace: true).map(test) ?? false
        }
    }

    var rules: [Rule] = []
    var tellsEventBridge = false

    private static let version: UInt8 = 1

    init(rules: [Rule] = [], tellsEventBridge: Bool = false) {
        self.rules = rules
        self.tellsEventBridge = tellsEventBridge
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(
            bytes, versions: Self.version...Self.version, record: "notification configuration")
        tellsEventBridge = try reader.bool()
        rules = try reader.list { reader throws(RecordError) in
            guard let destination = Destination(rawValue: try reader.byte()) else { throw reader.failure() }
            return Rule(
                destination: destination, id: try reader.string(), arn: try reader.string(),
                events: try reader.list { reader throws(RecordError) in try reader.string() },
                prefix: try reader.optional { reader throws(RecordError) in try reader.string() },
                suffix: try reader.optional { reader throws(RecordError) in try reader.string() })
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(tellsEventBridge)
        writer.put(list: rules) { writer, rule in
            writer.put(rule.destination.rawValue)
            writer.put(rule.id)
            writer.put(rule.arn)
            writer.put(list: rule.events) { $0.put($1) }
            writer.put(optional: rule.prefix) { $0.put($1) }
            writer.put(optional: rule.suffix) { $0.put($1) }
        }
        return writer.bytes
    }

    /// What the bucket's record keeps; nothing for a configuration that tells nobody.
    var document: [UInt8]? { rules.isEmpty && !tellsEventBridge ? nil : encoded() }
}
