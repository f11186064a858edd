import AWSClients
import HTTPClient
import Testing

@Suite struct AWSConfigurationTests {
    private let base = [
        "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
    ]

    private func read(_ more: [String: String]) throws(ConfigurationError) -> AWSConfiguration {
        try .fromEnvironment(base.merging(more) { $1 })
    }

    @Test func awsItself() throws {
        let configuration = try read([:])
        #expect(configuration.dynamoDBEndpoint.description == "https://dynamodb.eu-west-1.amazonaws.com/")
        #expect(configuration.s3Endpoint.description == "https://s3.eu-west-1.amazonaws.com/")
        #expect(!configuration.s3PathStyle)
        #expect(configuration.credentials.sessionToken == nil)
        let china = try read(["AWS_REGION": "cn-north-1", "AWS_SESSION_TOKEN": "t"])
        #expect(china.dynamoDBEndpoint.host == "dynamodb.cn-north-1.amazonaws.com.cn")
        #expect(china.credentials.sessionToken == "t")
    }

    @Test func endpointsInTheOrderOfTheSDKs() throws {
        let general = try read(["AWS_ENDPOINT_URL": "http://127.0.0.1:4566"])
        #expect(
            general.dynamoDBEndpoint.port == 4566 && general.s3Endpoint.port == 4566 && general.s3PathStyle)
        let specific = try read([
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2",
            "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:3",
        ])
        #expect(specific.dynamoDBEndpoint.port == 2 && specific.s3Endpoint.port == 3)
        let ignored = try read([
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE",
        ])
        #expect(ignored.s3Endpoint.host == "s3.eu-west-1.amazonaws.com" && !ignored.s3PathStyle)
    }

    @Test func regionFallsBack() throws {
        #expect(try read(["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"]).region == "us-west-2")
        #expect(try read(["AWS_DEFAULT_REGION": "us-west-2"]).region == "eu-west-1")
    }

    @Test(arguments: ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    func missingVariableIsNamed(_ name: String) {
        let expected = ConfigurationError(variable: name, reason: "is not set")
        #expect(expected.description == "environment variable \(name) is not set")
        #expect(throws: expected) { try read([name: ""]) }
    }

    @Test(arguments: ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_DYNAMODB"])
    func malformedEndpointIsNamed(_ name: String) {
        #expect(throws: ConfigurationError(variable: name, reason: "is not an http(s) URL: 'localhost:1'")) {
            try read([name: "localhost:1"])
        }
    }

    @Test func regionThatWouldChangeTheHost() {
        #expect(throws: ConfigurationError.self) { try read(["AWS_REGION": "x.evil.example/"]) }
    }
}
