import Gateway

extension Manifest {
    /// What the manifest declares for API Gateway, in the words that all kinds of API share.
    var apis: [APIModel] {
        var apis: [APIModel] = []
        if let httpModel { apis.append(httpModel) }
        if let restAPI { apis.append(restAPI.model(name: service)) }
        if let webSocketAPI { apis.append(webSocketAPI.model) }
        return apis
    }

    private var httpModel: APIModel? {
        guard let httpAPI else { return nil }
        return HTTPAPIConfiguration(
            apiID: httpAPI.id, accountID: accountID, region: region, stages: httpAPI.stages.map { $0.stage },
            authorizers: httpAPI.authorizers, cors: httpAPI.cors, routes: httpAPI.routes
        ).model(name: service)
    }
}
