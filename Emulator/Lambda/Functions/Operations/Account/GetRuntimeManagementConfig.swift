import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2021-07-20/functions/{FunctionName}/runtime-management-config
enum GetRuntimeManagementConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request, shape: .namespaced)
        let place = target.qualifier ?? VersionRecord.latest
        let config = try service.record(target).runtimeManagement[place] ?? ["UpdateRuntimeOn": "Auto"]
        var answer: JSONObject = ["FunctionArn": .string(service.arn(target.name, place))]
        for (key, value) in config { answer[key] = value }
        return request.answer(answer)
    }
}
