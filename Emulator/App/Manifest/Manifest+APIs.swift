import Gateway
import JSON

extension Manifest {
    /// What the manifest declares for API Gateway, in the words that all kinds of API share.
    var apis: [APIModel] {
        var apis: [APIModel] = []
        if let httpModel { apis.append(httpModel) }
        if let restAPI { apis.append(logged(restAPI.model(name: service), restAccessLogs)) }
        if let webSocketAPI { apis.append(logged(webSocketAPI.model, webSocketLogs)) }
        return apis.map { api in
            var api = api
            api.declared = document[api.kind.field]?.object ?? JSONObject()
            return api
        }
    }

    private func logged(_ api: APIModel, _ logs: [String: AccessLogDeclaration]) -> APIModel {
        var api = api
        for place in api.stages.indices {
            api.stages[place].accessLogFormat = logs[api.stages[place].name]?.format.text
        }
        return api
    }

    private var httpModel: APIModel? {
        guard let httpAPI else { return nil }
        var configuration = HTTPAPIConfiguration(
            apiID: httpAPI.id, accountID: accountID, region: region, stages: httpAPI.stages.map { $0.stage },
            authorizers: httpAPI.authorizers, cors: httpAPI.cors, routes: httpAPI.routes
        )
        configuration.isEndpointDisabled = httpAPI.isEndpointDisabled
        var model = configuration.model(name: service)
        for (place, (_, log)) in httpAPI.stages.enumerated() {
            model.stages[place].accessLogFormat = log?.format.text
        }
        return model
    }
}
