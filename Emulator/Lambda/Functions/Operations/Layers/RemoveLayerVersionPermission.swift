import AWSProtocol
import Bytes
import HTTPTypes
import Net

/// DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}
enum RemoveLayerVersionPermission {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try LayerTarget(request)
        let id = request.path("StatementId")
        _ = try await service.changeLayer(target) { (version) throws(AWSError) in
            if let revision = request.query("RevisionId"), revision != version.revision {
                throw LayerTexts.revisionDiffers
            }
            guard Permissions.remove(id, from: &version.policy) else { throw Permissions.noStatement(id) }
            version.revision = UUID4.make()
        }
        return request.noContent
    }
}
