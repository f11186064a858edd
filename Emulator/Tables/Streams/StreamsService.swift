import AWSProtocol
import JSON

extension TablesService {
    /// All operations on streams, by their names in `X-Amz-Target`.
    private static let streamOperations: [String: any TableOperation.Type] = [
        "DescribeStream": DescribeStream.self, "GetRecords": GetRecords.self,
        "GetShardIterator": GetShardIterator.self, "ListStreams": ListStreams.self,
    ]

    /// Amazon DynamoDB Streams (API version 2012-08-10) as the endpoint mounts it: a service of its own that
    /// signs as `dynamodb`.
    public var streamsService: JSONService {
        JSONService(
            targetPrefix: "DynamoDBStreams_20120810", signingName: "dynamodb",
            knows: { Self.streamOperations[$0] != nil }, namespace: TableErrors.namespace,
            handle: { [self] operation, input, _ async throws(AWSError) in
                try await performOnStreams(operation, input)
            })
    }

    func performOnStreams(_ operation: String, _ input: JSONObject) async throws(AWSError) -> JSONValue {
        guard let type = Self.streamOperations[operation] else {
            throw AWSError(code: "UnknownOperationException")
        }
        do {
            return try await type.perform(InputReader(input), environment)
        } catch {
            throw TableErrors.from(error)
        }
    }
}
