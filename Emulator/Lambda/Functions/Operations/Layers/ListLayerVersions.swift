import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2018-10-31/layers/{LayerName}/versions
enum ListLayerVersions {
    /// A layer that is not there has no versions.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let checks = LayerTexts.checkFilter(request)
        let target = try LayerTarget(request, checks: checks)
        let paging = try Paging(request, largest: 50)
        let layer = service.catalogue.layers[target.name] ?? LayerRecord(name: target.name)
        let versions = service.layerVersions(
            layer, runtime: request.query("CompatibleRuntime"),
            architecture: request.query("CompatibleArchitecture"))
        // Newest first: places that fall while numbers rise.
        let items = versions.map { version in
            (
                place: VersionPlace.text(999_999_999_999 - version.number),
                item: JSONValue.object(service.layerJSON(target.name, version))
            )
        }
        return request.answer(paging.document("LayerVersions", items))
    }
}
