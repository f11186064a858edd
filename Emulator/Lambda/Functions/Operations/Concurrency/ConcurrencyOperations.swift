import AWSProtocol

extension LambdaOperation {
    private static let path = "/2017-10-31/functions/{FunctionName}/concurrency"
    private static let provisionedPath = "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"

    static let concurrency = [
        LambdaOperation("PutFunctionConcurrency", "PUT", path, run: PutFunctionConcurrency.run),
        LambdaOperation("DeleteFunctionConcurrency", "DELETE", path, run: DeleteFunctionConcurrency.run),
        LambdaOperation(
            "GetFunctionConcurrency", "GET", "/2019-09-30/functions/{FunctionName}/concurrency",
            run: GetFunctionConcurrency.run),
    ]

    static let provisioned = [
        LambdaOperation(
            "ListProvisionedConcurrencyConfigs", "GET", provisionedPath + "?List=ALL",
            run: ListProvisionedConcurrencyConfigs.run),
        LambdaOperation(
            "GetProvisionedConcurrencyConfig", "GET", provisionedPath,
            run: GetProvisionedConcurrencyConfig.run),
        LambdaOperation(
            "PutProvisionedConcurrencyConfig", "PUT", provisionedPath,
            run: PutProvisionedConcurrencyConfig.run),
        LambdaOperation(
            "DeleteProvisionedConcurrencyConfig", "DELETE", provisionedPath,
            run: DeleteProvisionedConcurrencyConfig.run),
    ]
}

/// What of the account's concurrency is given away.
enum AccountConcurrency {
    /// What has to be left for functions without a reservation.
    static let minimumUnreserved = 100
}

extension LambdaService {
    /// Concurrency that no function has for itself. A function's provisioned environments count only beyond what
    /// it has reserved.
    func unreservedConcurrency(without name: String? = nil) -> Int {
        var left = configuration.maxEnvironments
        for function in Set(declared.keys).union(catalogue.functions.keys) where function != name {
            let provisioned = known(function)?.provisioned.values.reduce(0) { $0 + $1.count } ?? 0
            left -= max(reservedConcurrency(of: function) ?? 0, provisioned)
        }
        return left
    }
}
