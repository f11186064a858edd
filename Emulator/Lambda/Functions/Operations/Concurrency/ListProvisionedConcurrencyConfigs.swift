import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL
enum ListProvisionedConcurrencyConfigs {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request.path("FunctionName"), request.context)
        let record = try service.record(target.name)
        let configs = record.provisioned.sorted { $0.key < $1.key }.map { qualifier, config in
            var object = ProvisionedConcurrency.json(config, of: record, qualifier, service)
            object["FunctionArn"] = .string(service.arn(target.name, qualifier))
            return (place: qualifier, item: JSONValue.object(object))
        }
        return request.answer(
            try Paging(request, largest: 50).document("ProvisionedConcurrencyConfigs", configs))
    }
}
