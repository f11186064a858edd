import Clock
import HTTPTypes
import JSON
import Testing

@testable import Gateway

/// What `apigateway` says of a REST API.
@Suite struct RESTManagementTests {
    private let service: ManagementService

    init() throws {
        var method = RESTMethod(key: "POST /pets/{id}", integration: .function("list"))
        method.operationName = "addPet"
        method.requiredParameters = [.init(.querystring, "q")]
        method.requestModels = ["application/json": "Pet"]
        method.validatesBody = true
        let answer = MappedIntegration(
            requestTemplates: [("application/json", try Template("{\"statusCode\": 200}"))],
            passthrough: .never,
            responses: [
                .init(
                    selectionPattern: "2..", statusCode: 200, headers: [("X-A", .constant("a"))],
                    templates: [("application/json", try Template("$input.body"))])
            ])
        let mock = RESTMethod(key: "GET /mock", integration: .mock(answer))
        var configuration = RESTAPIConfiguration(
            apiID: "rest", accountID: "000000000000", region: "us-east-1", stages: [RESTStage(name: "prod")],
            methods: [method, mock])
        configuration.models["Pet"] = try JSONSchema(["type": "object"])
        configuration.gatewayResponses[.throttled] = GatewayResponse(statusCode: 420)
        configuration.apiKeys = [APIKey(id: "k", name: "key", value: "0123456789abcdefghij")]
        configuration.usagePlans = [UsagePlan(id: "p", name: "plan", keys: ["k"], stages: ["prod"])]
        service = ManagementService(
            [configuration.model(name: "pets")], region: "us-east-1", accountID: "000000000000",
            created: Timestamp(seconds: 1))
    }

    private func ask(_ target: String) throws -> JSONValue {
        let answer = service.answer(HTTPRequest(method: "GET", target: target))
        #expect(answer.status == 200, "\(target)")
        return try JSONValue.parse(answer.body.bytes ?? [])
    }

    /// The id of the first resource with this path.
    private func resource(_ path: String) throws -> String {
        let all = try ask("/restapis/rest/resources")["item"]?.array ?? []
        return try #require(all.first { $0["path"]?.string == path }?["id"]?.string)
    }

    @Test func keysOfAUsagePlanAreListed() throws {
        let keys = try ask("/usageplans/p/keys")["item"]
        #expect(
            keys == [["id": "k", "type": "API_KEY", "value": "0123456789abcdefghij", "name": "key"]])
        #expect(try ask("/usageplans/p")["keys"] == nil)
    }

    @Test(arguments: [
        ("/apikeys/k", false), ("/apikeys/k?includeValue=true", true),
        ("/apikeys/k?includeValue=false", false),
    ])
    func aKeysValueIsShownWhenItIsAskedFor(_ target: String, _ isShown: Bool) throws {
        let key = try ask(target)
        #expect((key["value"] != nil) == isShown)
        #expect(key["stageKeys"] == ["rest/prod"])
    }

    @Test(arguments: [("/apikeys", false), ("/apikeys?includeValues=true", true)])
    func listedKeysToo(_ target: String, _ isShown: Bool) throws {
        #expect((try ask(target)["item"]?[0]?["value"] != nil) == isShown)
    }

    @Test func aResourceHasItsMethodsWhenTheyAreAskedFor() throws {
        let id = try resource("/pets/{id}")
        #expect(try ask("/restapis/rest/resources/\(id)")["resourceMethods"] == ["POST": [:]])
        let whole = try ask("/restapis/rest/resources/\(id)?embed=methods")["resourceMethods"]?["POST"]
        #expect(whole == (try ask("/restapis/rest/resources/\(id)/methods/POST")))
        #expect(whole?["operationName"] == "addPet")
        #expect(whole?["requestParameters"] == ["method.request.querystring.q": true])
        #expect(whole?["requestModels"] == ["application/json": "Pet"])
    }

    @Test func aMethodNamesItsValidator() throws {
        let id = try resource("/pets/{id}")
        let name = try ask("/restapis/rest/resources/\(id)/methods/POST")["requestValidatorId"]?.string ?? ""
        let validator = try ask("/restapis/rest/requestvalidators/\(name)")
        #expect(validator["validateRequestBody"] == true)
        #expect(validator["validateRequestParameters"] == false)
    }

    @Test func modelsAreShown() throws {
        let model = try ask("/restapis/rest/models/Pet")
        #expect(model["schema"] == "{\"type\":\"object\"}")
        #expect(model["contentType"] == "application/json")
    }

    @Test func gatewayResponsesAreShownTogetherWithAWSsOwn() throws {
        let throttled = try ask("/restapis/rest/gatewayresponses/THROTTLED")
        #expect(throttled["statusCode"] == "420")
        #expect(throttled["defaultResponse"] == false)
        let denied = try ask("/restapis/rest/gatewayresponses/ACCESS_DENIED")
        #expect(denied["statusCode"] == "403")
        #expect(denied["defaultResponse"] == true)
        #expect(
            denied["responseTemplates"] == [
                "application/json": "{\"message\":$context.error.messageString}"
            ])
    }

    @Test func anIntegrationShowsItsTemplatesAndResponses() throws {
        let id = try resource("/mock")
        let integration = try ask("/restapis/rest/resources/\(id)/methods/GET/integration")
        #expect(integration["type"] == "MOCK")
        #expect(integration["passthroughBehavior"] == "NEVER")
        #expect(integration["requestTemplates"] == ["application/json": "{\"statusCode\": 200}"])
        let expected: JSONValue = [
            "statusCode": "200", "selectionPattern": "2..",
            "responseParameters": ["method.response.header.X-A": "'a'"],
            "responseTemplates": ["application/json": "$input.body"],
        ]
        #expect(integration["integrationResponses"] == ["200": expected])
    }

    @Test(arguments: [
        "'text'", "method.request.header.X-A", "method.request.multivaluequerystring.q",
        "method.request.multivalueheader.X", "method.request.body", "method.request.body.pet.name",
        "context.requestId", "stageVariables.color", "integration.response.header.X",
        "integration.response.body", "integration.response.body.a",
    ])
    func sourcesAreSpelledAsTheyAreRead(_ text: String) {
        #expect(MappingSource(text)?.text == text)
    }
}
