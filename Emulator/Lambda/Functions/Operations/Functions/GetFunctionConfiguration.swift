import AWSProtocol
import HTTPTypes
import Net

/// GET /2015-03-31/functions/{FunctionName}/configuration
enum GetFunctionConfiguration {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request, shape: .namespaced)
        let record = try service.record(target)
        return request.answer(
            try await service.configurationJSON(
                record, version: service.shownVersion(record, target.qualifier), qualifier: target.qualifier))
    }
}
