import Testing

@testable import App

@Suite struct FunctionEnvironmentTests {
    private func variables(
        host: [String: String] = [:], manifest: String = "", function: String = ""
    ) throws -> (variables: [String: String], offline: [String]) {
        let text = """
            {"service": "s", "environment": {\(manifest)},
             "passEnvironment": ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENWEATHER_API_KEY"],
             "functions": {"f": {"environment": {\(function)}}}}
            """
        let parsed = try ManifestReader.parse(Array(text.utf8), path: "m.json")
        let environment = FunctionEnvironment(manifest: parsed, awsPort: 4_566, host: host)
        return (environment.variables(for: try #require(parsed.function("f"))), environment.offlineProviders)
    }

    @Test func standInsAnswerWhereNothingIsSet() throws {
        let (variables, offline) = try variables()
        #expect(variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566")
        #expect(variables["OPENAI_API_KEY"] == "offline")
        #expect(variables["OPENAI_BASE_URL"] == "http://127.0.0.1:4566/_providers/openai/v1")
        #expect(variables["OPENWEATHER_BASE_URL"] == "http://127.0.0.1:4566/_providers/openweather")
        #expect(offline == ["OPENAI_API_KEY", "OPENWEATHER_API_KEY"])
    }

    @Test func aKeyOrAnAddressMeansTheRealService() throws {
        let byKey = try variables(host: ["OPENAI_API_KEY": "real", "SECRET": "x"])
        #expect(byKey.variables["OPENAI_API_KEY"] == "real")
        #expect(byKey.variables["OPENAI_BASE_URL"] == nil)
        #expect(byKey.variables["SECRET"] == nil)
        #expect(byKey.offline == ["OPENWEATHER_API_KEY"])
        let byAddress = try variables(host: ["OPENAI_BASE_URL": "https://api.example.com/v1"])
        #expect(byAddress.variables["OPENAI_API_KEY"] == nil)
        #expect(byAddress.offline == ["OPENWEATHER_API_KEY"])
        let byManifest = try variables(manifest: "\"OPENWEATHER_API_KEY\": \"real\"")
        #expect(byManifest.variables["OPENWEATHER_BASE_URL"] == nil)
        #expect(byManifest.offline == ["OPENAI_API_KEY"])
        let byFunction = try variables(function: "\"OPENAI_API_KEY\": \"own\"")
        #expect(
            byFunction.variables["OPENAI_API_KEY"] == "own" && byFunction.variables["OPENAI_BASE_URL"] == nil)
    }

    @Test func emptyIsUnset() throws {
        #expect(try variables(host: ["OPENAI_API_KEY": ""]).variables["OPENAI_API_KEY"] == "offline")
    }
}
