import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2017-10-31/functions/{FunctionName}/concurrency
enum DeleteFunctionConcurrency {
    /// A function of the manifest has again what the manifest says.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        try FunctionConcurrencyTarget.refuseQualifier(target)
        try await service.change(target.name) { (record) throws(AWSError) in record.reserved = nil }
        return request.noContent
    }
}
