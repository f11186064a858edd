import AWSProtocol
import HTTPTypes
import Net

/// GET /2017-03-31/tags/{Resource}
enum ListTags {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        if let mapping = try TagRules.mapping(request, service) {
            return request.answer(["Tags": .object(mapping.tags)])
        }
        let target = try TagRules.target(request)
        return request.answer(["Tags": .object(try service.record(target.name).tags)])
    }
}
