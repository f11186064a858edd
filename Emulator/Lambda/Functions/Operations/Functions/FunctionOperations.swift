extension LambdaOperation {
    static let functions = [
        LambdaOperation("CreateFunction", "POST", "/2015-03-31/functions", run: CreateFunction.run),
        LambdaOperation("ListFunctions", "GET", "/2015-03-31/functions", run: ListFunctions.run),
        LambdaOperation("GetFunction", "GET", "/2015-03-31/functions/{FunctionName}", run: GetFunction.run),
        LambdaOperation(
            "DeleteFunction", "DELETE", "/2015-03-31/functions/{FunctionName}", run: DeleteFunction.run),
        LambdaOperation(
            "GetFunctionConfiguration", "GET", "/2015-03-31/functions/{FunctionName}/configuration",
            run: GetFunctionConfiguration.run),
        LambdaOperation(
            "UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{FunctionName}/configuration",
            run: UpdateFunctionConfiguration.run),
        LambdaOperation(
            "UpdateFunctionCode", "PUT", "/2015-03-31/functions/{FunctionName}/code",
            run: UpdateFunctionCode.run),
    ]
}
