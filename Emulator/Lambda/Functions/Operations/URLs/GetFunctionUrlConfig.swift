import AWSProtocol
import HTTPTypes
import Net

/// GET /2021-10-31/functions/{FunctionName}/url
enum GetFunctionUrlConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try URLInput.target(request)
        let place = target.qualifier ?? VersionRecord.latest
        let record = try service.urlRecord(target, missing: URLTexts.noURL)
        guard let url = record.urls[place] else { throw LambdaError.notFound(URLTexts.noURL) }
        return request.answer(service.urlJSON(url, target.name, place))
    }
}
