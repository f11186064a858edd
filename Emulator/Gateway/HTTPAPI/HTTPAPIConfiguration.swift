/// What an HTTP API has to know. Field names are API Gateway's.
public struct HTTPAPIConfiguration: Sendable {
    public var apiID: String
    public var accountID: String
    public var region: String
    public var stages: [HTTPAPIStage]
    /// By name.
    public var authorizers: [String: HTTPAPIAuthorizer]
    public var cors: CORSConfiguration?
    public var routes: [HTTPAPIRoute]
    /// Milliseconds until the gateway gives up on a function: 30,000 in HTTP APIs.
    public var integrationTimeoutMilliseconds: Int
    public var isEndpointDisabled = false

    public init(
        apiID: String, accountID: String, region: String, stages: [HTTPAPIStage] = [HTTPAPIStage()],
        authorizers: [String: HTTPAPIAuthorizer] = [:], cors: CORSConfiguration? = nil,
        routes: [HTTPAPIRoute], integrationTimeoutMilliseconds: Int = 30_000
    ) {
        self.apiID = apiID
        self.accountID = accountID
        self.region = region
        self.stages = stages
        self.authorizers = authorizers
        self.cors = cors
        self.routes = routes
        self.integrationTimeoutMilliseconds = integrationTimeoutMilliseconds
    }
}
