/// What a route may have beside its key and its function. Most routes have none of it, and pay nothing for it.
public final class RouteSettings: Sendable {
    /// Of the event and of the answer ("PayloadFormatVersion").
    public enum PayloadFormat: String, Sendable {
        case v1 = "1.0"
        case v2 = "2.0"
    }

    /// What an HTTP-proxy route passes requests to, instead of a function. `{name}` stands for a path variable and
    /// `${stageVariables.name}` for a stage's.
    public let url: String?
    /// The same, taken apart.
    let target: HTTPProxyTarget?
    /// A name from the API's authorizers.
    public let authorizer: String?
    /// `AuthorizationScopes`: a token needs one of them; empty for none.
    public let scopes: [String]
    public let payloadFormat: PayloadFormat
    /// `TimeoutInMillis`, 50 to 30,000; nil for the API's.
    public let timeoutMilliseconds: Int?
    /// On every stage that does not say otherwise; nil for the stage's own.
    public let throttling: ThrottlingLimits?
    public let requestParameters: ParameterMapping?
    /// By status of the integration's answer.
    public let responseParameters: [Int: ParameterMapping]

    public init(
        url: String? = nil, authorizer: String? = nil, scopes: [String] = [],
        payloadFormat: PayloadFormat = .v2, timeoutMilliseconds: Int? = nil,
        throttling: ThrottlingLimits? = nil, requestParameters: ParameterMapping? = nil,
        responseParameters: [Int: ParameterMapping] = [:]
    ) {
        self.url = url
        target = url.flatMap { HTTPProxyTarget($0) }
        self.authorizer = authorizer
        self.scopes = scopes
        self.payloadFormat = payloadFormat
        self.timeoutMilliseconds = timeoutMilliseconds
        self.throttling = throttling
        self.requestParameters = requestParameters
        self.responseParameters = responseParameters
    }
}
