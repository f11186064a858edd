import AWSProtocol
import HTTPTypes
import JSON
import Net

extension LambdaOperation {
    private static let configPath = "/2019-09-25/functions/{FunctionName}/event-invoke-config"

    /// The operations on FunctionEventInvokeConfig.
    static let asynchronous: [LambdaOperation] = [
        LambdaOperation("PutFunctionEventInvokeConfig", "PUT", configPath) {
            (service, request) async throws(AWSError) in
            let call = try EventInvokeConfigCall(request, service)
            return request.answer(try await service.putFunctionEventInvokeConfig(call))
        },
        LambdaOperation("UpdateFunctionEventInvokeConfig", "POST", configPath) {
            (service, request) async throws(AWSError) in
            let call = try EventInvokeConfigCall(request, service)
            return request.answer(try await service.updateFunctionEventInvokeConfig(call))
        },
        LambdaOperation("GetFunctionEventInvokeConfig", "GET", configPath) {
            (service, request) async throws(AWSError) in
            let call = try EventInvokeConfigCall(request, service)
            return request.answer(try service.getFunctionEventInvokeConfig(call))
        },
        LambdaOperation("DeleteFunctionEventInvokeConfig", "DELETE", configPath) {
            (service, request) async throws(AWSError) in
            try await service.deleteFunctionEventInvokeConfig(EventInvokeConfigCall(request, service))
            return request.noContent
        },
        LambdaOperation("ListFunctionEventInvokeConfigs", "GET", configPath + "/list") {
            (service, request) async throws(AWSError) in
            let call = try EventInvokeConfigCall(request, service)
            return request.answer(try service.listFunctionEventInvokeConfigs(call))
        },
    ]
}
