import AWSProtocol
import Bytes
import Clock
import HTTPTypes
import JSON
import Net

/// POST /2015-03-31/functions/{FunctionName}/versions
enum PublishVersion {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let description = try document.string("Description")
        if let description { checks.length(description, at: "description", in: 0...256) }
        let digest = try document.string("CodeSha256")
        let revision = try document.string("RevisionId")
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        _ = try service.requireOwnCode(try service.record(target.name))
        try service.refuseDuringUpdate(target.name)

        let (record, version) = try await service.change(target.name) { (record) throws(AWSError) in
            let latest = try service.requireOwnCode(record)
            try service.check(revision: revision, record, nil)
            let own = Base64.encode(Hex.decode(latest.code.digest) ?? [])
            if let digest, !digest.isEmpty, digest != own {
                throw LambdaError.invalidParameter(
                    "CodeSHA256 (\(digest)) is different from current CodeSHA256 in $LATEST (\(own)). Please try "
                        + "again with the CodeSHA256 in $LATEST.")
            }
            guard let version = publish(&record, description: description, at: request.context.now) else {
                throw LambdaError.service("The function has no code.")
            }
            return (record, version)
        }
        service.begin(.pending, target.name, version.version)
        return request.answer(
            service.configurationJSON(record, version, qualifier: version.version, .pending), status: 201)
    }

    /// Makes `$LATEST` a version with the next number, unless it is one already.
    /// - Returns: the version; nil for a function without code of its own.
    static func publish(
        _ record: inout FunctionRecord, description: String?, at now: Timestamp
    ) -> VersionRecord? {
        guard var version = record.latest else { return nil }
        if let last = record.versions[record.lastVersion], last.content == version.content { return last }
        record.lastVersion += 1
        version.version = String(record.lastVersion)
        version.modified = now
        version.revision = UUID4.make()
        if let description { version.settings["Description"] = .string(description) }
        if version.settings["SnapStart"]?["ApplyOn"]?.string == "PublishedVersions" {
            version.settings["SnapStart"] = ["ApplyOn": "PublishedVersions", "OptimizationStatus": "On"]
        }
        record.versions[record.lastVersion] = version
        record.latest?.revision = UUID4.make()
        return version
    }
}
