import AWSProtocol
import HTTPTypes
import Net

/// PUT /2021-10-31/functions/{FunctionName}/url
enum UpdateFunctionUrlConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let input = try URLInput(DocumentReader(try await request.document()), &checks)
        let target = try URLInput.target(request, checks)
        let place = target.qualifier ?? VersionRecord.latest
        _ = try service.urlRecord(target, missing: URLTexts.noFunction)
        let url = try await service.change(target.name) { (record) throws(AWSError) in
            guard var url = record.urls[place] else { throw LambdaError.notFound(URLTexts.noURL) }
            if let authType = input.authType { url.authType = authType }
            if let mode = input.invokeMode { url.invokeMode = mode }
            // An empty one takes all rules away.
            if let cors = input.cors { url.cors = cors.isEmpty ? nil : cors }
            url.modified = request.context.now
            record.urls[place] = url
            return url
        }
        return request.answer(service.urlJSON(url, target.name, place))
    }
}
