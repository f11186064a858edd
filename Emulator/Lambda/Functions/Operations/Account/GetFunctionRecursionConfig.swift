import AWSProtocol
import HTTPTypes
import Net

/// GET /2024-08-31/functions/{FunctionName}/recursion-config
enum GetFunctionRecursionConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        return request.answer(["RecursiveLoop": .string(try service.record(target.name).recursiveLoop)])
    }
}
