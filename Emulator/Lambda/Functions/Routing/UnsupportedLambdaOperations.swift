import AWSProtocol

/// Operations that AWS has and the emulator has not: each is refused by its name, so that nobody takes a missing
/// feature for a misspelling.
enum UnsupportedLambdaOperations {
    private static let signing = "there is no code signing"
    private static let providers = "there are no capacity providers"
    private static let durable = "there are no durable executions"

    /// Method, path and name as in the service model, and why not.
    private static let operations: [(method: String, path: String, name: String, reason: String)] = [
        ("POST", "/2020-04-22/code-signing-configs", "CreateCodeSigningConfig", signing),
        (
            "DELETE", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}", "DeleteCodeSigningConfig",
            signing
        ),
        (
            "PUT", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}", "UpdateCodeSigningConfig",
            signing
        ),
        (
            "GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions",
            "ListFunctionsByCodeSigningConfig", signing
        ),
        (
            "PUT", "/2020-06-30/functions/{FunctionName}/code-signing-config", "PutFunctionCodeSigningConfig",
            signing
        ),
        ("POST", "/2025-11-30/capacity-providers", "CreateCapacityProvider", providers),
        ("GET", "/2025-11-30/capacity-providers", "ListCapacityProviders", providers),
        ("GET", "/2025-11-30/capacity-providers/{Name}", "GetCapacityProvider", providers),
        ("PUT", "/2025-11-30/capacity-providers/{Name}", "UpdateCapacityProvider", providers),
        ("DELETE", "/2025-11-30/capacity-providers/{Name}", "DeleteCapacityProvider", providers),
        (
            "GET", "/2025-11-30/capacity-providers/{Name}/function-versions",
            "ListFunctionVersionsByCapacityProvider", providers
        ),
        (
            "GET", "/2025-11-30/functions/{FunctionName}/function-scaling-config", "GetFunctionScalingConfig",
            providers
        ),
        (
            "PUT", "/2025-11-30/functions/{FunctionName}/function-scaling-config", "PutFunctionScalingConfig",
            providers
        ),
        (
            "GET", "/2025-12-01/functions/{FunctionName}/durable-executions",
            "ListDurableExecutionsByFunction",
            durable
        ),
        ("GET", "/2025-12-01/durable-executions/{Arn}", "GetDurableExecution", durable),
        ("DELETE", "/2025-12-01/durable-executions/{Arn}", "DeleteDurableExecution", durable),
        ("GET", "/2025-12-01/durable-executions/{Arn}/history", "GetDurableExecutionHistory", durable),
        ("GET", "/2025-12-01/durable-executions/{Arn}/state", "GetDurableExecutionState", durable),
        ("POST", "/2025-12-01/durable-executions/{Arn}/checkpoint", "CheckpointDurableExecution", durable),
        ("POST", "/2025-12-01/durable-executions/{Arn}/pause", "PauseDurableExecution", durable),
        ("POST", "/2025-12-01/durable-executions/{Arn}/resume", "ResumeDurableExecution", durable),
        ("POST", "/2025-12-01/durable-executions/{Arn}/stop", "StopDurableExecution", durable),
        (
            "POST", "/2025-12-01/durable-execution-callbacks/{Id}/fail",
            "SendDurableExecutionCallbackFailure", durable
        ),
        (
            "POST", "/2025-12-01/durable-execution-callbacks/{Id}/heartbeat",
            "SendDurableExecutionCallbackHeartbeat", durable
        ),
        (
            "POST", "/2025-12-01/durable-execution-callbacks/{Id}/succeed",
            "SendDurableExecutionCallbackSuccess", durable
        ),
        (
            "GET", "/2026-07-09/resource-policy/{ResourceArn}", "GetResourcePolicy",
            "use GetPolicy and AddPermission"
        ),
        (
            "PUT", "/2026-07-09/resource-policy/{ResourceArn}", "PutResourcePolicy",
            "use GetPolicy and AddPermission"
        ),
        (
            "DELETE", "/2026-07-09/resource-policy/{ResourceArn}", "DeleteResourcePolicy",
            "use GetPolicy and RemovePermission"
        ),
    ]

    private static let table: [(operation: LambdaOperation, reason: String)] = operations.map { entry in
        let operation = LambdaOperation(entry.name, entry.method, entry.path) {
            (_, _) async throws(AWSError) in throw LambdaError.unknownOperation
        }
        return (operation, entry.reason)
    }

    /// Not retried by client libraries: it will not get better.
    /// - Parameter path: percent-decoded segments.
    static func error(_ method: String, _ path: [String]) -> AWSError? {
        guard
            let found = table.first(where: {
                $0.operation.method == method && $0.operation.parameters(in: path) != nil
            })
        else { return nil }
        return AWSError(
            code: "UnsupportedOperationException", status: 400,
            message:
                "The operation \(found.operation.name) is not supported by this emulator: \(found.reason)",
            members: ["Type": "User"])
    }
}
