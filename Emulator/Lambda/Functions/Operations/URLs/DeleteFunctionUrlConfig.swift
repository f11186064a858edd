import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2021-10-31/functions/{FunctionName}/url
enum DeleteFunctionUrlConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try URLInput.target(request)
        let place = target.qualifier ?? VersionRecord.latest
        guard (try? service.record(target.name)) != nil else { throw LambdaError.notFound(URLTexts.noURL) }
        try await service.change(target.name) { (record) throws(AWSError) in
            guard record.urls.removeValue(forKey: place) != nil else {
                throw LambdaError.notFound(URLTexts.noURL)
            }
        }
        return request.noContent
    }
}
