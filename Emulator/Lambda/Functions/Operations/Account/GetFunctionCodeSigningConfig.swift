import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2020-06-30/functions/{FunctionName}/code-signing-config
enum GetFunctionCodeSigningConfig {
    /// No function has one.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        _ = try service.record(target.name)
        return request.answer(JSONObject())
    }
}
