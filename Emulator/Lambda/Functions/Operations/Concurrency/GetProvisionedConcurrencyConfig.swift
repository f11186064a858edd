import AWSProtocol
import HTTPTypes
import Net

/// GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency
enum GetProvisionedConcurrencyConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let (target, qualifier) = try ProvisionedConcurrency.target(
            service, request, latest: ProvisionedConcurrency.notPublished)
        let record = try service.record(target)
        guard let config = record.provisioned[qualifier] else {
            throw AWSError(
                code: "ProvisionedConcurrencyConfigNotFoundException", status: 404,
                message: "No Provisioned Concurrency Config found for this function",
                members: ["Type": "User"])
        }
        return request.answer(ProvisionedConcurrency.json(config, of: record, qualifier, service))
    }
}
