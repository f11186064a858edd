import AWSProtocol
import Bytes
import HTTPTypes
import Net

/// PUT /2015-03-31/functions/{FunctionName}/aliases/{Name}
enum UpdateAlias {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let input = try AliasInput(document, &checks)
        let name = AliasInput.name(request, &checks)
        let revision = try document.string("RevisionId")
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)

        let (record, alias) = try await service.change(target.name) { (record) throws(AWSError) in
            var alias = try service.alias(name, of: record)
            try service.check(revision: revision, record, name)
            if let version = input.version { alias.version = version }
            if let description = input.description { alias.description = description }
            if let weights = input.weights { alias.weights = weights }
            alias.revision = UUID4.make()
            try AliasInput.check(alias, of: record, service)
            record.aliases[name] = alias
            return (record, alias)
        }
        service.refreshProvisioned(of: target.name)
        return request.answer(service.aliasJSON(name, alias, of: record))
    }
}
