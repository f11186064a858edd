import JSON
import Testing

@testable import StackTemplate

/// Two parts of an API whose names differ in signs only have one id in a template: neither takes the other's place.
@Suite struct APIIdentifierTests {
    private func refusal(_ api: String, _ parts: String) throws -> Undeployable? {
        let text = """
            {"service": "shop", "functions": {"hello": {}}, "\(api)": {"routes": [], \(parts)}}
            """
        let manifest = try JSONValue.parse(Array(text.utf8))
        return #expect(throws: Undeployable.self) {
            try StageTemplate(manifest: manifest, stage: .dev, package: { "\($0).zip" })
        }
    }

    @Test(arguments: ["httpApi", "restApi", "webSocketApi"])
    func authorizersAreNotTakenForEachOther(api: String) throws {
        let guarded = "{\"type\": \"lambda\", \"function\": \"hello\"}"
        let refusal = try refusal(api, "\"authorizers\": {\"admin-x\": \(guarded), \"adminX\": \(guarded)}")
        #expect(refusal?.path == [api, "authorizers", "adminX"])
        #expect(refusal?.sentence.hasPrefix("cannot be told from 'admin-x'") == true)
    }

    @Test(arguments: ["httpApi", "restApi", "webSocketApi"])
    func stagesAreNotTakenForEachOther(api: String) throws {
        let refusal = try refusal(api, "\"stages\": {\"a-b\": {}, \"aB\": {}}")
        #expect(refusal?.path == [api, "stages", "aB"])
    }

    @Test(arguments: [
        ("\"models\": {\"a-b\": {}, \"aB\": {}}", "restApi.models.aB"),
        ("\"apiKeys\": [{\"name\": \"a b\"}, {\"name\": \"a-b\"}]", "restApi.apiKeys.1"),
        ("\"usagePlans\": [{\"name\": \"a b\"}, {\"name\": \"a-b\"}]", "restApi.usagePlans.1"),
    ])
    func partsOfRESTAPIsAreNotTakenForEachOther(parts: String, place: String) throws {
        let refusal = try refusal("restApi", parts)
        #expect(refusal?.path.joined(separator: ".") == place)
    }

    @Test func anIdThatNoNameOfTheManifestExplainsIsRefusedAsWell() throws {
        let refusal = try refusal(
            "restApi", "\"usagePlans\": [{\"name\": \"p\", \"apiKeys\": [\"b-c\", \"bC\"]}]")
        #expect(refusal?.path == ["service"])
        #expect(
            refusal?.sentence.hasPrefix("has two resources that are called 'RestApiPUsagePlanBC'") == true)
    }

    @Test func equalNamesInTwoAPIsAreTwoThings() throws {
        let api = """
            {"routes": [], "authorizers": {"a": {"type": "lambda", "function": "hello"}}, "stages": {"s": {}}}
            """
        let text = """
            {"service": "shop", "functions": {"hello": {}}, "httpApi": \(api), "restApi": \(api),
             "webSocketApi": \(api)}
            """
        let document = try StageTemplate(
            manifest: try JSONValue.parse(Array(text.utf8)), stage: .dev, package: { "\($0).zip" }
        ).document
        for id in ["HttpApiAAuthorizer", "RestApiAAuthorizer", "WebSocketApiAAuthorizer"] {
            #expect(document["Resources"]?[id] != nil)
        }
    }
}
