import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// What the operations on event source mappings have in common.
extension LambdaService {
    /// As the API shows it.
    func json(_ mapping: EventSourceMapping, state: String? = nil) -> JSONObject {
        mapping.json(
            arn: "arn:aws:lambda:\(configuration.region):\(configuration.accountID):event-source-mapping:"
                + mapping.uuid,
            functionARN: configuration.functionARN(mapping.function),
            state: state ?? eventSources.state(of: mapping), result: eventSources.result(of: mapping))
    }

    static let noMapping = LambdaError.notFound("The resource you requested does not exist.")

    /// The function that a mapping is to call.
    func mappedFunction(_ name: String?) throws(AWSError) -> FunctionReference {
        guard let name, !name.isEmpty else {
            throw AWSError(
                code: "ValidationException", status: 400,
                message: "1 validation error detected: Value null at 'functionName' failed to satisfy "
                    + "constraint: Member must not be null.")
        }
        let reference = try InvokeRequest.reference(name)
        guard canInvoke(reference.name, reference.qualifier) else {
            throw LambdaError.invalidParameter("Function does not exist")
        }
        return reference
    }

    func check(onFailure arn: String?, _ function: String) async throws(AWSError) {
        guard let arn else { return }
        if case .function? = destination(arn) {
            throw LambdaError.invalidParameter(
                "The destination ARN \(arn) is invalid: functions get no records of mappings.")
        }
        try await check(destination: arn, of: function, isSuccess: false, member: "onFailure")
    }

    func extent(of stream: String) async throws(AWSError) -> StreamExtent {
        do {
            guard let extent = try await eventNeighbours.streams.extent(stream) else {
                throw LambdaError.invalidParameter("Stream not found: \(stream)")
            }
            return extent
        } catch let error as AWSError where error.code != "ResourceNotFoundException" {
            throw error
        } catch {
            throw LambdaError.invalidParameter("Stream not found: \(stream)")
        }
    }
}
