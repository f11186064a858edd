import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2015-03-31/functions/{FunctionName}/aliases
enum ListAliases {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let version = request.query("FunctionVersion")
        if let version {
            checks.pattern(
                version, at: "functionVersion", #"(\$LATEST|[0-9]+)"#,
                fits: version == VersionRecord.latest || Patterns.isDigits(version))
        }
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        let record = try service.record(target.name)
        let aliases = record.aliases.sorted { $0.key < $1.key }
            .filter { version == nil || $0.value.version == version }
            .map { (place: $0.key, item: JSONValue.object(service.aliasJSON($0.key, $0.value, of: record))) }
        return request.answer(try Paging(request).document("Aliases", aliases))
    }
}
