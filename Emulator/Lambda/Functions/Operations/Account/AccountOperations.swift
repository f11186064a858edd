import AWSProtocol
import HTTPTypes
import JSON
import Net

extension LambdaOperation {
    private static let recursion = "/2024-08-31/functions/{FunctionName}/recursion-config"
    private static let management = "/2021-07-20/functions/{FunctionName}/runtime-management-config"
    private static let signing = "/2020-06-30/functions/{FunctionName}/code-signing-config"

    static let account = [
        LambdaOperation(
            "GetAccountSettings", "GET", "/2016-08-19/account-settings", run: GetAccountSettings.run),
        LambdaOperation("GetFunctionRecursionConfig", "GET", recursion, run: GetFunctionRecursionConfig.run),
        LambdaOperation("PutFunctionRecursionConfig", "PUT", recursion, run: PutFunctionRecursionConfig.run),
        LambdaOperation("GetRuntimeManagementConfig", "GET", management, run: GetRuntimeManagementConfig.run),
        LambdaOperation("PutRuntimeManagementConfig", "PUT", management, run: PutRuntimeManagementConfig.run),
        LambdaOperation(
            "GetFunctionCodeSigningConfig", "GET", signing, run: GetFunctionCodeSigningConfig.run),
        LambdaOperation(
            "DeleteFunctionCodeSigningConfig", "DELETE", signing, run: DeleteFunctionCodeSigningConfig.run),
        LambdaOperation(
            "ListCodeSigningConfigs", "GET", "/2020-04-22/code-signing-configs",
            run: ListCodeSigningConfigs.run),
        LambdaOperation(
            "GetCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}",
            run: GetCodeSigningConfig.run),
    ]
}
