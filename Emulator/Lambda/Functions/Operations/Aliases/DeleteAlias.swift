import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}
enum DeleteAlias {
    /// An alias that is not there is as good as deleted. Its URL stays, and refuses everybody.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let name = AliasInput.name(request, &checks)
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        let config = QueueKeys.invokeConfig(target.name, name)
        let also: FunctionCatalogue.Addition = { $0.delete(.functions, config) }
        try await service.change(target.name, also: also) { (record) throws(AWSError) in
            guard record.aliases.removeValue(forKey: name) != nil else { return }
            record.policies[name] = nil
            record.provisioned[name] = nil
        }
        service.refreshProvisioned(of: target.name)
        return request.noContent
    }
}
