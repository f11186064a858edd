extension LambdaOperation {
    static let versions = [
        LambdaOperation(
            "PublishVersion", "POST", "/2015-03-31/functions/{FunctionName}/versions", run: PublishVersion.run
        ),
        LambdaOperation(
            "ListVersionsByFunction", "GET", "/2015-03-31/functions/{FunctionName}/versions",
            run: ListVersionsByFunction.run),
    ]
}
