import Mumble
import Testing

@Suite struct SettingsTests {
    private let complete = ["TABLE_NAME": "t", "BUCKET_NAME": "b", "CURSOR_SECRET": "sixteen bytes or more"]

    @Test func completeEnvironment() throws {
        let settings = try Settings(environment: complete)
        #expect(settings.tableName == "t")
        #expect(settings.bucketName == "b")
        #expect(settings.allowOrigin == "*")
        #expect(try settings.requiredCursorSecret() == "sixteen bytes or more")
    }

    @Test(arguments: ["TABLE_NAME", "BUCKET_NAME"]) func absentVariablesAreNamed(_ name: String) {
        for value in [nil, ""] {
            var environment = complete
            environment[name] = value
            #expect {
                try Settings(environment: environment)
            } throws: {
                "\($0)" == "environment variable \(name) is not set"
            }
        }
    }

    @Test func onlyTheGalleryNeedsASecret() throws {
        var environment = complete
        environment["CURSOR_SECRET"] = nil
        let settings = try Settings(environment: environment)
        #expect { try settings.requiredCursorSecret() } throws: {
            "\($0)" == "environment variable CURSOR_SECRET is not set"
        }
    }

    @Test func emptyOriginMeansAny() throws {
        var environment = complete
        environment["CORS_ALLOW_ORIGIN"] = ""
        #expect(try Settings(environment: environment).allowOrigin == "*")
        environment["CORS_ALLOW_ORIGIN"] = "https://app.example"
        #expect(try Settings(environment: environment).allowOrigin == "https://app.example")
    }
}
