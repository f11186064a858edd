import HTTPTypes

extension HTTPAPI {
    public func flush(_ cache: StageCache, ofStage stage: String) -> Bool {
        guard cache == .authorizers, stages.contains(stage) else { return false }
        for case .lambda(let authorizer, _, _) in authorizers.values { authorizer.forget() }
        return true
    }

    /// Asks the route's authorizer. Its refusals are 401 and 403; one that fails is the API's own failure.
    func authorize(_ exchange: inout Exchange) async -> HTTPResponse? {
        guard let match = exchange.match, let settings = match.route.settings, let name = settings.authorizer,
            let authorizer = authorizers[name], let stage = exchange.stage
        else { return nil }
        let context = variables(of: exchange)
        func values(_ sources: [IdentitySource]) -> [String?] {
            sources.map {
                $0.value(
                    in: exchange.request, context: { context.value($0) }, stageVariables: stage.variables)
            }
        }
        switch authorizer {
        case .jwt(let authorizer):
            let identity = values([authorizer.settings.identitySource])[0]
            return take(await authorizer.verdict(identity: identity, scopes: settings.scopes), &exchange)
        case .lambda(let authorizer, let sources, let format):
            let found = values(sources)
            let identity = found.compactMap { $0 }
            guard identity.count == sources.count else {
                exchange.facts?.authorizerError = "The identity source is missing"
                return refuse(&exchange, 401, "Unauthorized", "UNAUTHORIZED")
            }
            let resource = resource(of: exchange)
            let event = AuthorizerEvent(
                encoder: encoder, parts: parts(of: exchange, match, stage), identity: identity,
                resource: resource)
            // Lengths keep apart what would look the same when it is joined.
            let key = ([stage.name] + identity).map { "\($0.utf8.count):\($0)" }.joined()
            let verdict = await authorizer.verdict(
                identity: sources.isEmpty ? nil : key, resource: resource,
                event: { format == .v2 ? event.v2() : event.v1() })
            return take(verdict, &exchange)
        }
    }

    private func take(_ verdict: JWTAuthorizer.Verdict, _ exchange: inout Exchange) -> HTTPResponse? {
        switch verdict {
        case .allowed(let caller):
            exchange.authorization = .jwt(caller)
            return nil
        case .unauthorized(let challenge, let reason):
            exchange.facts?.authorizerError = reason
            var response = refuse(&exchange, 401, "Unauthorized", "UNAUTHORIZED")
            response.headers.add("www-authenticate", challenge)
            return response
        case .forbidden(let challenge, let reason):
            exchange.facts?.authorizerError = reason
            var response = refuse(&exchange, 403, "Forbidden", "ACCESS_DENIED")
            response.headers.add("www-authenticate", challenge)
            return response
        }
    }

    private func take(_ verdict: LambdaAuthorizer.Verdict, _ exchange: inout Exchange) -> HTTPResponse? {
        switch verdict {
        case .allowed(let caller):
            exchange.authorization = .lambda(caller)
            return nil
        case .denied:
            exchange.facts?.authorizerError = "The authorizer has denied access"
            return refuse(&exchange, 403, "Forbidden", "ACCESS_DENIED")
        case .unauthorized:
            // HTTP APIs know no message that means 401: a function that fails has failed.
            exchange.facts?.authorizerError = "Unauthorized"
            return refuse(&exchange, 500, "Internal Server Error", "AUTHORIZER_FAILURE")
        case .failed(let reason):
            exchange.facts?.authorizerError = reason
            return refuse(&exchange, 500, "Internal Server Error", "AUTHORIZER_FAILURE")
        }
    }

    /// What a policy names: the request's own method and path, whatever its route is called.
    private func resource(of exchange: Exchange) -> String {
        let path = exchange.routePath ?? exchange.request.path
        return
            "arn:aws:execute-api:\(configuration.region):\(configuration.accountID):\(configuration.apiID)/"
            + "\(exchange.stage?.name ?? "$default")/\(exchange.request.method)\(path)"
    }
}
