import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// PUT /2015-03-31/functions/{FunctionName}/code
enum UpdateFunctionCode {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let architectures = try document.strings("Architectures")
        if let architectures { FunctionInput.check(architectures, &checks) }
        let source = try CodeInput(document, at: "", &checks)
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        let revision = try document.string("RevisionId")
        let publishes = try document.boolean("Publish") ?? false
        let isTrial = try document.boolean("DryRun") ?? false

        let before = try service.record(target.name)
        _ = try service.requireOwnCode(before)
        try service.refuseDuringUpdate(target.name)
        try service.check(revision: revision, before, nil)
        let wish = try source.required()
        service.catalogue.beginUpdate(of: target.name)
        defer { service.catalogue.endUpdate(of: target.name) }
        let taken = try await service.takeCode(wish)
        return try await service.keeping(taken) { () async throws(AWSError) in
            await service.catalogue.lock(target.name)
            defer { service.catalogue.unlock(target.name) }
            let old = try service.record(target.name)
            let latest = try service.requireOwnCode(old)
            try service.checkUnzipped(taken.code, layers: latest.layers)
            try service.check(revision: revision, old, nil)
            var record = old
            change(&record, taken.code, architectures, request)
            if isTrial {
                service.discard(taken)
                return try answer(record.latest, record, isPublished: false, service, request)
            }
            let published =
                publishes
                ? PublishVersion.publish(&record, description: nil, at: request.context.now) : nil
            try await service.catalogue.put(record, instead: old, adopting: taken)
            service.begin(.updating, target.name)
            service.retireHost(target.name)
            service.sweepCodeSoon()
            return try answer(
                published ?? record.latest, record, isPublished: published != nil, service, request)
        }
    }

    private static func change(
        _ record: inout FunctionRecord, _ code: CodeRecord, _ architectures: [String]?,
        _ request: LambdaRequest
    ) {
        record.latest?.code = code
        record.latest?.modified = request.context.now
        record.latest?.revision = UUID4.make()
        record.latest?.content = UUID4.make()
        if let architectures {
            record.latest?.settings["Architectures"] = .array(architectures.map { .string($0) })
        }
    }

    @EventLoop private static func answer(
        _ version: VersionRecord?, _ record: FunctionRecord, isPublished: Bool, _ service: LambdaService,
        _ request: LambdaRequest
    ) throws(AWSError) -> HTTPResponse {
        guard let version else { throw LambdaError.service("The function has no code.") }
        return request.answer(
            service.configurationJSON(
                record, version, qualifier: isPublished ? version.version : nil,
                isPublished ? .pending : .updating))
    }
}
