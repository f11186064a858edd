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

    /// Changes a mapping's tags, which are no matter of whoever works for it.
    func change(
        _ mapping: EventSourceMapping, _ body: @escaping @Sendable (inout JSONObject) throws(AWSError) -> Void
    ) async throws(AWSError) {
        let uuid = mapping.uuid
        let isThere = try await commit { transaction in
            guard var mapping = try EventSourceMapping.read(uuid, transaction) else { return false }
            try body(&mapping.tags)
            mapping.write(in: transaction)
            return true
        }
        guard isThere else { throw Self.noMapping }
    }

    nonisolated static let noMapping = LambdaError.notFound("The resource you requested does not exist.")

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
