import AWSProtocol
import HTTPTypes
import Net

/// POST /2017-03-31/tags/{Resource}
enum TagResource {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        let tags = try document.map("Tags")
        var checks = ShapeChecks()
        if tags == nil { checks.missing("tags") }
        let nothing = LambdaError.invalidParameter("An error occurred and the request cannot be processed.")
        if let tags, let mapping = try TagRules.mapping(request, service) {
            guard !tags.isEmpty else { throw nothing }
            let added = try TagRules.checked(tags)
            try await service.change(mapping) { (tags) throws(AWSError) in
                for (key, value) in added { tags[key] = value }
                try TagRules.checkCount(tags)
            }
            return request.noContent
        }
        let target = try TagRules.target(request, checks)
        guard let tags, !tags.isEmpty else { throw nothing }
        let added = try TagRules.checked(tags)
        try await service.change(target.name) { (record) throws(AWSError) in
            for (key, value) in added { record.tags[key] = value }
            try TagRules.checkCount(record.tags)
            service.touch(&record, nil)
        }
        return request.noContent
    }
}
