import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2016-08-19/account-settings
enum GetAccountSettings {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let names = Set(service.declared.keys).union(service.catalogue.functions.keys)
        func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
        return request.answer([
            "AccountLimit": [
                "TotalCodeSize": number(CodeLimits.account), "CodeSizeUnzipped": number(CodeLimits.unzipped),
                "CodeSizeZipped": number(CodeLimits.zipped),
                "ConcurrentExecutions": number(service.configuration.maxEnvironments),
                "UnreservedConcurrentExecutions": number(service.unreservedConcurrency()),
            ],
            "AccountUsage": [
                "TotalCodeSize": number(service.catalogue.totalCodeSize),
                "FunctionCount": number(names.count),
            ],
        ])
    }
}
