import AWSClients
import Clock
import HTTPClient
import HTTPTypes
import ProviderClients

extension Dependencies {
    /// The real collaborators, as the environment names them. One HTTP client serves all, so that
    /// connections are kept from one invocation to the next.
    /// - Throws: an error that names the variable which is missing or malformed.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessEnvironment.all
    ) throws -> Dependencies {
        let settings = try Settings(environment: environment)
        let aws = try AWSConfiguration.fromEnvironment(environment)
        let http = HTTPClient()
        let openAI = OpenAIConfiguration.fromEnvironment(environment).withinGatewayTime
        var openWeather = OpenWeatherConfiguration.fromEnvironment(environment)
        openWeather.timeoutMilliseconds = 4_000
        let openAIClient = OpenAIClient(configuration: openAI, http: http)
        return Dependencies(
            settings: settings, database: DynamoDBClient(aws, http: http),
            storage: S3Client(aws, http: http), speech: openAIClient, images: openAIClient,
            chat: openAIClient, weather: OpenWeatherClient(configuration: openWeather, http: http),
            probes: probes(openAI, openWeather, http))
    }

    /// One small question to each service: which models there are, and the address alone.
    private static func probes(
        _ openAI: OpenAIConfiguration, _ openWeather: OpenWeatherConfiguration, _ http: HTTPClient
    ) -> [any ProviderProbing] {
        let key = openAI.apiKeys.first
        return [
            HTTPProbe(
                name: "openai", url: openAI.baseURL + "/models",
                headers: key.map { ["authorization": "Bearer \($0)"] } ?? HTTPHeaders(),
                isConfigured: key != nil, http: http),
            // Without a place this is refused before it costs anything, and the way there is proven.
            HTTPProbe(
                name: "openweather", url: openWeather.baseURL + "/data/2.5/weather", headers: HTTPHeaders(),
                isConfigured: openWeather.apiKey != nil, unauthorizedMeansFailure: false, http: http),
        ]
    }
}

extension OpenAIConfiguration {
    /// The gateway gives up after 30 seconds. Weather (4), prompt (5) and picture (19) must fail before that,
    /// so that the client reads which of them was slow.
    fileprivate var withinGatewayTime: OpenAIConfiguration {
        var configuration = self
        configuration.speechTimeoutMilliseconds = 25_000
        configuration.chatTimeoutMilliseconds = 5_000
        configuration.imageTimeoutMilliseconds = 19_000
        return configuration
    }
}
