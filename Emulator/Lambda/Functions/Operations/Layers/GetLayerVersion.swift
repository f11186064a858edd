import AWSProtocol
import HTTPTypes
import Net

/// GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
enum GetLayerVersion {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try LayerTarget(request)
        guard let version = service.catalogue.layers[target.name]?.version(target.number) else {
            throw LayerTexts.missing
        }
        return request.answer(service.fullLayerJSON(target.name, version, request))
    }
}
