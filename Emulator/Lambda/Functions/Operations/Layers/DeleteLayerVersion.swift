import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
enum DeleteLayerVersion {
    /// A version that is not there is as good as deleted. Functions that refer to it go on with it: until the last
    /// of them is gone it stays, and no answer shows it.
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try LayerTarget(request)
        let key = FunctionCatalogue.layerLock(target.name)
        await service.catalogue.lock(key)
        defer { service.catalogue.unlock(key) }
        guard let old = service.catalogue.layers[target.name], old.versions[target.number] != nil else {
            return request.noContent
        }
        var layer = old
        let isUsed = service.catalogue.usedLayers.contains(
            LayerVersionKey(name: target.name, number: target.number))
        if isUsed {
            layer.versions[target.number]?.isHidden = true
        } else {
            layer.versions[target.number] = nil
        }
        try await service.catalogue.put(layer, instead: old)
        service.sweepCodeSoon()
        return request.noContent
    }
}
