import JSON

extension RESTAPI {
    /// The request validator of the method: parameters first, then the body.
    func validate(_ exchange: inout RESTExchange) -> Outcome {
        guard let method = exchange.method else { return .goOn }
        if method.validatesParameters {
            let missing = Self.order(method.requiredParameters).filter {
                exchange.value($0)?.isEmpty != false
            }
            if !missing.isEmpty {
                let names = missing.map(\.name).joined(separator: ", ")
                return .fail(
                    RESTFailure(.badRequestParameters, "Missing required request parameters: [\(names)]"))
            }
        }
        guard method.validatesBody, let model = model(method, exchange) else { return .goOn }
        let body = exchange.body.isEmpty ? Array("{}".utf8) : exchange.body
        guard let value = try? JSONValue.parse(body) else {
            return .fail(
                RESTFailure(
                    .badRequestBody, "Invalid request body", validationError: "Invalid JSON"))
        }
        let problems = model.problems(of: value, models: configuration.models)
        guard problems.isEmpty else {
            return .fail(
                RESTFailure(
                    .badRequestBody, "Invalid request body",
                    validationError: "[\(problems.joined(separator: ", "))]"))
        }
        return .goOn
    }

    /// Headers, then path, then query, each by name.
    private static func order(_ parameters: [RESTMethod.Parameter]) -> [RESTMethod.Parameter] {
        parameters.sorted {
            ($0.location.rawValue, $0.name) < ($1.location.rawValue, $1.name)
        }
    }

    /// By the request's content type; a type without a model is not validated.
    private func model(_ method: RESTMethod, _ exchange: RESTExchange) -> JSONSchema? {
        let type = exchange.request.headers["content-type"].map { MediaTypes.plain($0) } ?? "application/json"
        let name = method.requestModels[type] ?? method.requestModels["$default"]
        return name.flatMap { configuration.models[$0] }
    }
}
