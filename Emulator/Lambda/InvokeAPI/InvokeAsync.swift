import AWSProtocol
import HTTPTypes
import JSON
import Net

/// POST /2014-11-13/functions/{FunctionName}/invoke-async, which Invoke with the type Event has replaced.
enum InvokeAsync {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var invocation = request.http
        invocation.headers["X-Amz-Invocation-Type"] = "Event"
        _ = try await service.invoke(request.path("FunctionName"), invocation, request.context)
        return request.answer(["Status": 202], status: 202)
    }
}
