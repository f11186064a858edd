import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2015-03-31/functions/{FunctionName}
enum GetFunction {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request, shape: .namespaced)
        let record = try service.record(target)
        let version = service.shownVersion(record, target.qualifier)
        var object: JSONObject = [
            "Configuration": .object(
                try await service.configurationJSON(record, version: version, qualifier: target.qualifier)),
            "Code": [
                "RepositoryType": "S3",
                "Location": .string(service.codeLocation(record, version, request)),
            ],
        ]
        if !record.tags.isEmpty { object.append("Tags", .object(record.tags)) }
        if let reserved = service.reservedConcurrency(of: record.name) {
            object.append(
                "Concurrency", ["ReservedConcurrentExecutions": .number(JSONNumber(reserved))])
        }
        return request.answer(object)
    }
}

extension LambdaService {
    /// The version that is shown for a qualifier: an alias shows the one it points at, whatever its weights.
    func shownVersion(_ record: FunctionRecord, _ qualifier: String?) -> String {
        guard let qualifier else { return VersionRecord.latest }
        return record.aliases[qualifier]?.version ?? qualifier
    }

    /// Where the zip of a version can be downloaded; the program itself, for a function of the manifest.
    func codeLocation(_ record: FunctionRecord, _ version: String, _ request: LambdaRequest) -> String {
        if let code = record.version(version)?.code { return location(of: code, request) }
        return "file://\(declared[record.name]?.executablePath ?? "")"
    }
}
