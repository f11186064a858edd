import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2015-03-31/functions/{FunctionName}/versions
enum ListVersionsByFunction {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), shape: .namespaced, request.context)
        let record = try service.record(target.name)
        let versions =
            [(place: VersionRecord.latest, item: VersionRecord.latest)]
            + record.versions.keys.sorted().map { (place: VersionPlace.text($0), item: "\($0)") }
        let (page, next) = try Paging(request).page(versions)
        var shown: [JSONValue] = []
        for version in page {
            shown.append(
                .object(
                    try await service.configurationJSON(record, version: version, qualifier: version, .listed)
                ))
        }
        var answer: JSONObject = ["Versions": .array(shown)]
        if let next { answer.append("NextMarker", .string(next)) }
        return request.answer(answer)
    }
}
