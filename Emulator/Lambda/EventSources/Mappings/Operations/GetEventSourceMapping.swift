import AWSProtocol

extension LambdaService {
    /// GetEventSourceMapping (AWS Lambda API Reference).
    func getEventSourceMapping(_ uuid: String) throws(AWSError) -> EventSourceMapping {
        guard let mapping = try readState({ try EventSourceMapping.read(uuid, $0) }) else {
            throw Self.noMapping
        }
        return mapping
    }
}
