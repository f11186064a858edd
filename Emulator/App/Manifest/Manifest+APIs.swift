import Gateway

extension Manifest {
    /// What the manifest declares for API Gateway, in the words that all kinds of API share.
    var apis: [APIModel] {
        var apis: [APIModel] = []
        if let httpModel { apis.append(httpModel) }
        if let restAPI {
            var model = restAPI.model(name: service)
            for index in model.stages.indices {
                model.stages[index].accessLogFormat = restAccessLogs[model.stages[index].name]?.format.text
            }
            apis.append(model)
        }
        if let webSocketAPI { apis.append(webSocketAPI.model) }
        return apis
    }

    private var httpModel: APIModel? {
        guard let httpAPI else { return nil }
        var model = HTTPAPIConfiguration(
            apiID: httpAPI.id, accountID: accountID, region: region, stages: httpAPI.stages.map { $0.stage },
            authorizers: httpAPI.authorizers, cors: httpAPI.cors, routes: httpAPI.routes
        ).model(name: service)
        for (index, stage) in httpAPI.stages.enumerated() {
            model.stages[index].accessLogFormat = stage.log?.format.text
        }
        return model
    }
}
