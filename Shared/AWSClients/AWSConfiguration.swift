import HTTPClient
import Signing

/// A setting is missing or unusable; the sentence names its environment variable.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    public let variable: String
    public let reason: String

    public init(variable: String, reason: String) {
        self.variable = variable
        self.reason = reason
    }

    public var description: String { "environment variable \(variable) \(reason)" }
}

/// Where the AWS services are and who is calling.
public struct AWSConfiguration: Sendable {
    public var region: String
    public var credentials: Credentials
    public var dynamoDBEndpoint: URLParts
    public var s3Endpoint: URLParts
    /// Whether the bucket goes into the path instead of the host name.
    public var s3PathStyle: Bool

    public init(
        region: String, credentials: Credentials, dynamoDBEndpoint: URLParts, s3Endpoint: URLParts,
        s3PathStyle: Bool
    ) {
        self.region = region
        self.credentials = credentials
        self.dynamoDBEndpoint = dynamoDBEndpoint
        self.s3Endpoint = s3Endpoint
        self.s3PathStyle = s3PathStyle
    }

    /// Reads the variables that Lambda sets, and the endpoint overrides in the order of the AWS SDKs and
    /// Tools Reference Guide, "Service-specific endpoints": the service's own, the general one, AWS.
    /// An empty variable counts as absent.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessEnvironment.all
    ) throws(ConfigurationError) -> AWSConfiguration {
        let environment = environment.filter { !$0.value.isEmpty }
        guard let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] else {
            throw ConfigurationError(variable: "AWS_REGION", reason: "is not set")
        }
        guard
            region.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { throw ConfigurationError(variable: "AWS_REGION", reason: "is not a region: '\(region)'") }
        func required(_ name: String) throws(ConfigurationError) -> String {
            guard let value = environment[name] else {
                throw ConfigurationError(variable: name, reason: "is not set")
            }
            return value
        }
        let credentials = Credentials(
            accessKeyID: try required("AWS_ACCESS_KEY_ID"),
            secretAccessKey: try required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: environment["AWS_SESSION_TOKEN"])
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let s3Override = try override("AWS_ENDPOINT_URL_S3", environment)
        return AWSConfiguration(
            region: region, credentials: credentials,
            dynamoDBEndpoint: try override("AWS_ENDPOINT_URL_DYNAMODB", environment)
                ?? URLParts(scheme: "https", host: "dynamodb.\(region).\(domain)", port: 443),
            s3Endpoint: s3Override ?? URLParts(scheme: "https", host: "s3.\(region).\(domain)", port: 443),
            s3PathStyle: s3Override != nil)
    }

    private static func override(
        _ specific: String, _ environment: [String: String]
    ) throws(ConfigurationError) -> URLParts? {
        if environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() == "true" { return nil }
        for name in [specific, "AWS_ENDPOINT_URL"] {
            guard let text = environment[name] else { continue }
            guard let url = URLParts(text), url.query.isEmpty else {
                throw ConfigurationError(variable: name, reason: "is not an http(s) URL: '\(text)'")
            }
            return url
        }
        return nil
    }
}

extension URLParts {
    /// The path without a slash at its end, so that another path can follow.
    var basePath: String { path.hasSuffix("/") ? String(path.dropLast()) : path }
}
