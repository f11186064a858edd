import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2019-09-30/functions/{FunctionName}/concurrency
enum GetFunctionConcurrency {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        try FunctionConcurrencyTarget.refuseQualifier(target)
        _ = try service.record(target.name)
        guard let reserved = service.reservedConcurrency(of: target.name) else {
            return request.answer(JSONObject())
        }
        return request.answer(["ReservedConcurrentExecutions": .number(JSONNumber(reserved))])
    }
}
