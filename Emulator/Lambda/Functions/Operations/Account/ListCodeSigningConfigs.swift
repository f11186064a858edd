import AWSProtocol
import HTTPTypes
import Net

/// GET /2020-04-22/code-signing-configs
enum ListCodeSigningConfigs {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        request.answer(["CodeSigningConfigs": []])
    }
}
