import AWSProtocol
import HTTPTypes
import Net

/// GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
enum GetLayerVersionPolicy {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try LayerTarget(request)
        guard let version = service.catalogue.layers[target.name]?.version(target.number) else {
            throw LayerTexts.missingVersion(service.layerARN(target.name, target.number))
        }
        guard !version.policy.statements.isEmpty else { throw Permissions.noPolicy }
        return request.answer([
            "Policy": .string(version.policy.document.encodedString()),
            "RevisionId": .string(version.revision),
        ])
    }
}
