import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2015-03-31/functions/{FunctionName}/policy
enum GetPolicy {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request, shape: .namespaced)
        let record = try service.record(target.name)
        guard let policy = record.policies[target.qualifier ?? VersionRecord.latest] else {
            throw LambdaError.notFound("The resource you requested does not exist.")
        }
        return request.answer([
            "Policy": .string(policy.document.encodedString()),
            "RevisionId": .string(service.revision(record, target.qualifier)),
        ])
    }
}
