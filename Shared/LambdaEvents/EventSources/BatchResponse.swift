import JSON

/// The answer to a batch of SQS, DynamoDB or Kinesis when the mapping asks for `ReportBatchItemFailures`: which
/// items are to be tried again.
///
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
public struct BatchResponse: Sendable, Equatable {
    /// Message ids of a queue, sequence numbers of a stream. None means that the whole batch succeeded.
    public var failedItems: [String]

    public init(failedItems: [String] = []) { self.failedItems = failedItems }

    public func json() -> JSONValue {
        ["batchItemFailures": .array(failedItems.map { ["itemIdentifier": .string($0)] })]
    }
}
