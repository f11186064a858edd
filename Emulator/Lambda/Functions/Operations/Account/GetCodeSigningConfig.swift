import AWSProtocol
import HTTPTypes
import Net

/// GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}
enum GetCodeSigningConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        throw LambdaError.notFound(
            "The Lambda code signing configuration \(request.path("CodeSigningConfigArn")) can not be found.")
    }
}
