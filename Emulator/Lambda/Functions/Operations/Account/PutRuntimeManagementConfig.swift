import AWSProtocol
import HTTPTypes
import JSON
import Net

/// PUT /2021-07-20/functions/{FunctionName}/runtime-management-config
enum PutRuntimeManagementConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let mode = try document.string("UpdateRuntimeOn")
        let version = try document.string("RuntimeVersionArn")
        if let mode {
            checks.choice(mode, at: "updateRuntimeOn", of: ["Auto", "Manual", "FunctionUpdate"])
        } else {
            checks.missing("updateRuntimeOn")
        }
        let target = try FunctionTarget(
            request.path("FunctionName"), qualifier: request.query("Qualifier"), checks: checks,
            request.context)
        guard let mode else { throw LambdaError.unknownOperation }
        guard mode == "Manual" || version == nil else {
            throw LambdaError.invalidParameter(
                "Unable to specify RuntimeVersionArn when UpdateRuntimeOn is set to \(mode).")
        }
        guard mode != "Manual" || version != nil else {
            throw LambdaError.invalidParameter(
                "Must specify RuntimeVersionArn when UpdateRuntimeOn is set to Manual.")
        }
        let place = target.qualifier ?? VersionRecord.latest
        var config: JSONObject = ["UpdateRuntimeOn": .string(mode)]
        if let version { config["RuntimeVersionArn"] = .string(version) }
        let stored = config
        try await service.change(target) { (record) throws(AWSError) in
            record.runtimeManagement[place] = stored
        }
        config["FunctionArn"] = .string(service.arn(target.name, place))
        return request.answer(config)
    }
}
