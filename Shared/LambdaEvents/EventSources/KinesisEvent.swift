import JSON
import LambdaEvents

/// Records of a Kinesis stream, in the order of their shard.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
public struct KinesisEvent: Sendable {
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

    public struct Record: Sendable {
        /// The shard's name and the sequence number, with a colon between them.
        public let eventID: String
        public let streamARN: String
        public let partitionKey: String
        public let sequenceNumber: String
        public let data: [UInt8]
        /// Seconds since 1970.
        public let arrived: Double

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            let kinesis = try record.nested("kinesis")
            eventID = try record.string("eventID") ?? ""
            streamARN = try record.string("eventSourceARN") ?? ""
            partitionKey = try kinesis.requiredString("partitionKey")
            sequenceNumber = try kinesis.requiredString("sequenceNumber")
            data = try kinesis.base64("data")
            arrived = try kinesis.double("approximateArrivalTimestamp") ?? 0
        }
    }
}
