import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2017-03-31/tags/{Resource}?tagKeys=...
enum UntagResource {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let keys = request.queries("tagKeys")
        var checks = ShapeChecks()
        if keys.isEmpty { checks.missing("tagKeys") }
        if !keys.isEmpty, let mapping = try TagRules.mapping(request, service) {
            try await service.change(mapping) { (tags) throws(AWSError) in
                for key in keys { tags[key] = nil }
            }
            return request.noContent
        }
        let target = try TagRules.target(request, checks)
        try await service.change(target.name) { (record) throws(AWSError) in
            for key in keys { record.tags[key] = nil }
            service.touch(&record, nil)
        }
        return request.noContent
    }
}
