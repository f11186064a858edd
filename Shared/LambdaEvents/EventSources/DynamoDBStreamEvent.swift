import JSON
import LambdaEvents

/// Changes of items, in their order.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
public struct DynamoDBStreamEvent: Sendable {
    public let records: [Record]
    /// Only for mappings with a tumbling window.
    public let window: StreamWindow?

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        var records: [Record] = []
        for record in try event.objects("Records") { records.append(try Record(record)) }
        self.records = records
        window = try StreamWindow(event)
    }

    public enum Change: String, Sendable {
        case insert = "INSERT"
        case modify = "MODIFY"
        case remove = "REMOVE"
    }

    public struct Record: Sendable {
        public let eventID: String
        public let change: Change
        public let streamARN: String
        public let region: String
        public let keys: [String: DynamoDBAttribute]
        /// nil unless the stream's view has it and the item exists after the change.
        public let newImage: [String: DynamoDBAttribute]?
        /// nil unless the stream's view has it and the item existed before the change.
        public let oldImage: [String: DynamoDBAttribute]?
        /// Digits; what a batch response names.
        public let sequenceNumber: String
        /// Seconds since 1970.
        public let created: Double
        public let sizeBytes: Int64
        /// `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`.
        public let viewType: String
        /// Whether the item went because its time to live had passed.
        public let isExpiry: Bool

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            let name = try record.requiredString("eventName")
            guard let change = Change(rawValue: name) else {
                throw record.invalid("eventName", "must be INSERT, MODIFY or REMOVE, not \"\(name)\"")
            }
            self.change = change
            let data = try record.nested("dynamodb")
            eventID = try record.string("eventID") ?? ""
            streamARN = try record.string("eventSourceARN") ?? ""
            region = try record.string("awsRegion") ?? ""
            keys = try DynamoDBAttribute.map(data.nested("Keys"))
            newImage = try Self.image(data, "NewImage")
            oldImage = try Self.image(data, "OldImage")
            sequenceNumber = try data.requiredString("SequenceNumber")
            created = try data.double("ApproximateCreationDateTime") ?? 0
            sizeBytes = try data.int64("SizeBytes") ?? 0
            viewType = try data.string("StreamViewType") ?? ""
            let user = try record.optional("userIdentity")
            isExpiry = try user?.string("principalId") == "dynamodb.amazonaws.com"
        }

        private static func image(
            _ data: FieldDecoder, _ key: String
        ) throws(EventDecodingError) -> [String: DynamoDBAttribute]? {
            guard let image = try data.optional(key) else { return nil }
            return try DynamoDBAttribute.map(image)
        }
    }
}
