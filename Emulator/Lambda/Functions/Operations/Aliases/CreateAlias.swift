import AWSProtocol
import Bytes
import HTTPTypes
import Net

/// POST /2015-03-31/functions/{FunctionName}/aliases
enum CreateAlias {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let input = try AliasInput(document, &checks)
        if input.version == nil { checks.missing("functionVersion") }
        let name = try document.string("Name")
        if let name {
            checks.length(name, at: "name", in: 1...128)
            checks.pattern(name, at: "name", AliasInput.namePattern, fits: Patterns.isAlias(name))
        } else {
            checks.missing("name")
        }
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        guard let name, let version = input.version else { throw LambdaError.unknownOperation }

        let alias = AliasRecord(
            version: version, description: input.description ?? "", weights: input.weights ?? [],
            revision: UUID4.make())
        let record = try await service.change(target.name) { (record) throws(AWSError) in
            guard record.aliases[name] == nil else {
                throw LambdaError.conflict("Alias already exists: \(service.arn(target.name, name))")
            }
            try AliasInput.check(alias, of: record, service)
            record.aliases[name] = alias
            return record
        }
        return request.answer(service.aliasJSON(name, alias, of: record), status: 201)
    }
}
