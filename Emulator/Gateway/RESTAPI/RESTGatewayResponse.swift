import Bytes
import HTTPTypes
import JSON

extension RESTAPI {
    /// The answer to a request that has failed: the API's own gateway response, the general one of its class, or AWS's.
    func gatewayResponse(_ exchange: RESTExchange) -> HTTPResponse {
        let failure = exchange.failure ?? .configuration
        let usual = failure.status ?? failure.type.status ?? 500
        let general: GatewayResponseType = usual >= 500 ? .default5xx : .default4xx
        let customised =
            configuration.gatewayResponses[failure.type] ?? configuration.gatewayResponses[general]
        var headers: HTTPHeaders = ["x-amzn-ErrorType": failure.errorType ?? failure.type.errorType]
        guard let customised else {
            headers.add("Content-Type", "application/json")
            let message: JSONValue = failure.message.map { .string($0) } ?? .null
            return HTTPResponse(
                status: usual, headers: headers,
                body: .bytes(JSONValue.object([failure.member: message]).encoded()))
        }
        let context = RESTContext(configuration: configuration).templateContext(exchange)
        let values = MappingValues(exchange: exchange, context: context)
        let (body, type) = content(customised, failure, exchange, context)
        headers.add("Content-Type", type)
        for (name, source) in customised.headers {
            guard let value = values.values(source).last, FieldSyntax.isToken(name),
                FieldSyntax.isValue(value)
            else { continue }
            headers[name] = value
        }
        // The nominal status counts once the type is customised.
        let nominal = failure.type.status ?? usual
        return HTTPResponse(
            status: customised.statusCode ?? nominal, headers: headers, body: .bytes(Array(body.utf8)))
    }

    /// The template of the type that the caller accepts, of JSON, or the first one.
    private func content(
        _ response: GatewayResponse, _ failure: RESTFailure, _ exchange: RESTExchange, _ context: JSONObject
    ) -> (text: String, contentType: String) {
        let accepted = MediaTypes.first(exchange.request.headers["accept"])
        let chosen =
            response.templates.first { $0.contentType == accepted }
            ?? response.templates.first { $0.contentType == "application/json" } ?? response.templates.first
        guard let chosen else {
            let message: JSONValue = failure.message.map { .string($0) } ?? .null
            return (JSONValue.object([failure.member: message]).encodedString(), "application/json")
        }
        let scope = TemplateScope(
            body: String(utf8: exchange.body), parameters: parameters(of: exchange), context: context,
            stageVariables: stageVariables(of: exchange))
        return (chosen.template.render(scope).text, chosen.contentType)
    }

    /// `$input.params()`.
    func parameters(of exchange: RESTExchange) -> JSONObject {
        func map(_ pairs: [(String, String)]) -> JSONValue {
            .object(JSONObject(pairs.map { ($0.0, JSONValue.string($0.1)) }))
        }
        return [
            "path": map(exchange.pathParameters.map { ($0.name, $0.value) }),
            "querystring": map(exchange.query.map { ($0.name, $0.value) }),
            "header": map(RESTEvent.headers(exchange).map { ($0.name, $0.values.last ?? "") }),
        ]
    }

    func stageVariables(of exchange: RESTExchange) -> JSONObject {
        JSONObject((exchange.stage?.variables ?? []).map { ($0.name, JSONValue.string($0.value)) })
    }
}
