import AWSProtocol
import HTTPTypes
import Net

/// GET /2015-03-31/functions/{FunctionName}/aliases/{Name}
enum GetAlias {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let name = AliasInput.name(request, &checks)
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        let record = try service.record(target.name)
        return request.answer(service.aliasJSON(name, try service.alias(name, of: record), of: record))
    }
}
