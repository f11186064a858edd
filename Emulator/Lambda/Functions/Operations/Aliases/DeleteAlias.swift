import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}
enum DeleteAlias {
    /// An alias that is not there is as good as deleted. Its URL stays, and refuses everybody.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let name = request.path("Name")
        var checks = ShapeChecks()
        checks.pattern(name, at: "name", AliasInput.namePattern, fits: Patterns.isAlias(name))
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        try await service.change(target.name) { (record) throws(AWSError) in
            guard record.aliases.removeValue(forKey: name) != nil else { return }
            record.policies[name] = nil
            record.provisioned[name] = nil
        }
        service.refreshProvisioned(of: target.name)
        for tell in service.onFunctionDeleted { tell(target.name, name) }
        return request.noContent
    }
}
