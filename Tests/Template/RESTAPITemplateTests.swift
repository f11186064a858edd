import JSON
import Testing

@testable import StackTemplate

@Suite struct RESTAPITemplateTests {
    private func resources(_ api: String) throws -> JSONObject {
        let text = "{\"service\": \"shop\", \"functions\": {\"hello\": {}}, \"restApi\": \(api)}"
        let document = try StageTemplate(
            manifest: try JSONValue.parse(Array(text.utf8)), stage: .dev, package: { "\($0).zip" }
        ).document
        return document["Resources"]?.object ?? [:]
    }

    /// AWS CloudFormation User Guide, `AWS::ApiGateway::Stage MethodSetting`, `ResourcePath`.
    @Test(arguments: [
        ("/pets/{id}/GET", "/~1pets~1{id}", "GET"), ("/pets/GET", "/~1pets", "GET"), ("/GET", "/", "GET"),
        ("//GET", "/", "GET"), ("*/*", "/*", "*"), ("/*/GET", "/*", "GET"),
    ])
    func settingsOfMethodsWriteTheirPathsAsCloudFormationDoes(
        key: String, path: String, method: String
    ) throws {
        let resources = try resources(
            "{\"routes\": [], \"stages\": {\"live\": {\"methodSettings\": {\"\(key)\": {}}}}}")
        let settings = resources["RestApiLiveStage"]?["Properties"]?["MethodSettings"]
        #expect(settings == [["ResourcePath": .string(path), "HttpMethod": .string(method)]])
    }

    @Test func aDeploymentWaitsForGatewayResponsesAndMethods() throws {
        let resources = try resources(
            """
            {"routes": [{"route": "GET /a", "function": "hello"}], "gatewayResponses": {"THROTTLED": {}}}
            """)
        let deployment = resources.first { $0.value["Type"] == "AWS::ApiGateway::Deployment" }?.value
        #expect(deployment?["DependsOn"] == ["RestApiThrottledResponse", "RestApiGETAMethod"])
    }
}
