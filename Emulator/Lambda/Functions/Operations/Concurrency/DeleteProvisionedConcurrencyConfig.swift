import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency
enum DeleteProvisionedConcurrencyConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let (target, qualifier) = try ProvisionedConcurrency.target(
            service, request, latest: ProvisionedConcurrency.notPublished)
        try await service.change(target) { (record) throws(AWSError) in record.provisioned[qualifier] = nil }
        service.refreshProvisioned(of: target.name)
        return request.noContent
    }
}
