import AWSProtocol
import JSON
import Net

extension LambdaService {
    /// DeleteEventSourceMapping (AWS Lambda API Reference): the checkpoint goes with the mapping.
    func deleteEventSourceMapping(_ uuid: String) async throws(AWSError) -> JSONObject {
        let mapping = try getEventSourceMapping(uuid)
        let answer = json(mapping, state: "Deleting")
        let wasThere = try await commit { transaction in
            guard try transaction.get(.functions, mapping.key) != nil else { return false }
            transaction.delete(.functions, mapping.key)
            transaction.delete(.functions, QueueKeys.checkpoint(uuid))
            return true
        }
        guard wasThere else { throw Self.noMapping }
        eventSources.deleted(uuid)
        return answer
    }
}
