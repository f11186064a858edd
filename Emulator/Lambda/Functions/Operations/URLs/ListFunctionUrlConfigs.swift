import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2021-10-31/functions/{FunctionName}/urls
enum ListFunctionUrlConfigs {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        guard let record = try? service.record(target.name) else {
            throw LambdaError.notFound(URLTexts.noFunction)
        }
        let configs = record.urls.sorted { $0.key < $1.key }.map { qualifier, url in
            (place: qualifier, item: JSONValue.object(service.urlJSON(url, target.name, qualifier)))
        }
        return request.answer(try Paging(request, largest: 50).document("FunctionUrlConfigs", configs))
    }
}
