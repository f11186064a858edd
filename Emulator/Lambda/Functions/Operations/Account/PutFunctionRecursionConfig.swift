import AWSProtocol
import HTTPTypes
import Net

/// PUT /2024-08-31/functions/{FunctionName}/recursion-config
enum PutFunctionRecursionConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let loop = try document.string("RecursiveLoop")
        if let loop {
            checks.choice(loop, at: "recursiveLoop", of: ["Allow", "Terminate"])
        } else {
            checks.missing("recursiveLoop")
        }
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        guard let loop else { throw LambdaError.unknownOperation }
        try await service.change(target.name) { (record) throws(AWSError) in record.recursiveLoop = loop }
        return request.answer(["RecursiveLoop": .string(loop)])
    }
}
