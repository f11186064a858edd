import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2018-10-31/layers
enum ListLayers {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let paging = try Paging(request, largest: 50, LayerTexts.checkFilter(request))
        var items: [(place: String, item: JSONValue)] = []
        for (name, layer) in service.catalogue.layers.sorted(by: { $0.key < $1.key }) {
            let fitting = service.layerVersions(
                layer, runtime: request.query("CompatibleRuntime"),
                architecture: request.query("CompatibleArchitecture"))
            guard let newest = fitting.first else { continue }
            items.append(
                (
                    name,
                    [
                        "LayerName": .string(name), "LayerArn": .string(service.layerARN(name)),
                        "LatestMatchingVersion": .object(service.layerJSON(name, newest)),
                    ]
                ))
        }
        return request.answer(paging.document("Layers", items))
    }
}
