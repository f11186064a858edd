import Bytes
import Clock
import HTTPClient
import HTTPTypes
import JSON

/// How to reach OpenWeather.
public struct OpenWeatherConfiguration: Sendable {
    public static let defaultBaseURL = "https://api.openweathermap.org"

    public var baseURL: String
    public var apiKey: String?
    public var timeoutMilliseconds = 8_000

    public init(baseURL: String = defaultBaseURL, apiKey: String?) {
        self.baseURL = baseURL
        self.apiKey = apiKey
    }

    /// Reads `OPENWEATHER_BASE_URL` and `OPENWEATHER_API_KEY`.
    public static func fromEnvironment(_ environment: [String: String]) -> OpenWeatherConfiguration {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        return OpenWeatherConfiguration(
            baseURL: value("OPENWEATHER_BASE_URL") ?? defaultBaseURL, apiKey: value("OPENWEATHER_API_KEY"))
    }
}

/// "Current weather data", openweathermap.org/current.
public final class OpenWeatherClient: WeatherFetching {
    private let configuration: OpenWeatherConfiguration
    private let transport: ProviderTransport

    public init(configuration: OpenWeatherConfiguration, http: any HTTPSending) {
        self.configuration = configuration
        transport = ProviderTransport(
            provider: "weather", http: http, timeoutMilliseconds: configuration.timeoutMilliseconds,
            secrets: configuration.apiKey.map { [$0] } ?? [])
    }

    public func current(
        latitude: Double, longitude: Double, language: String
    ) throws(ProviderError) -> WeatherReport {
        guard let key = configuration.apiKey else {
            throw ProviderError(
                provider: "weather", code: .notConfigured, message: "OPENWEATHER_API_KEY is not set")
        }
        let query = Query.encode([
            QueryItem(name: "lat", value: "\(latitude)"), QueryItem(name: "lon", value: "\(longitude)"),
            QueryItem(name: "units", value: "metric"),
            QueryItem(name: "lang", value: language == "zh" ? "zh_cn" : language),
            QueryItem(name: "appid", value: key),
        ])
        let response = try transport.send(
            "GET", "\(configuration.baseURL)/data/2.5/weather?\(query)", headers: HTTPHeaders())
        let document = try transport.json(response)
        guard let main = document["main"], let temperature = main["temp"]?.double,
            let description = document["weather"]?[0]?["description"]?.string
        else { throw transport.bad("the answer lacks main.temp or weather[0].description", response) }
        // What follows turns these into integers: nothing that a service sends may trap there.
        let humidity = main["humidity"]?.double ?? 0
        let timezone = document["timezone"]?.int ?? 0
        let observed = document["dt"]?.int64 ?? 0
        guard (-273...1_000).contains(temperature), (0...100).contains(humidity),
            (-86_400...86_400).contains(timezone), (0...253_402_300_799).contains(observed)
        else {
            throw transport.bad(
                "the answer's temperature, humidity, time or time zone is no such thing", response)
        }
        return WeatherReport(
            description: description, temperatureCelsius: temperature,
            location: document["name"]?.string ?? "",
            humidityPercent: Int(humidity),
            windMetersPerSecond: document["wind"]?["speed"]?.double ?? 0,
            observedAt: Timestamp(seconds: observed),
            timezoneOffsetSeconds: timezone,
            offline: ProviderTransport.isOffline(response))
    }
}
