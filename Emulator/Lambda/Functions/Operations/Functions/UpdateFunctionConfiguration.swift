import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// PUT /2015-03-31/functions/{FunctionName}/configuration
enum UpdateFunctionConfiguration {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let input = try FunctionInput(document, &checks)
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        let revision = try document.string("RevisionId")
        let before = try service.record(target.name)
        _ = try service.requireOwnCode(before)
        try service.refuseDuringUpdate(target.name)

        let (record, latest) = try await service.change(target.name) { (record) throws(AWSError) in
            var latest = try service.requireOwnCode(record)
            try service.check(revision: revision, record, nil)
            latest.settings = try FunctionSettings(name: record.name).changed(latest.settings, by: input)
            try service.check(deadLetterQueueOf: latest.settings)
            if let layers = input.layers {
                try service.checkLayers(layers)
                try service.checkUnzipped(latest.code, layers: layers)
            }
            latest.modified = request.context.now
            latest.revision = UUID4.make()
            latest.content = UUID4.make()
            record.latest = latest
            return (record, latest)
        }
        service.begin(.updating, target.name)
        service.retireHost(target.name)
        return request.answer(service.configurationJSON(record, latest, qualifier: nil, .updating))
    }
}
