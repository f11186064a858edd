import JSON
import Mumble
import ProviderClients

/// A checked request for the weather.
struct WeatherRequest: Sendable, Equatable {
    var place: Coordinates
    var language: String

    static let defaultLanguage = "en"

    /// GET: `lat`, `lon`, `lang`.
    init(query: Inputs) throws(HandlerError) {
        try self.init(latitude: query["lat"], longitude: query["lon"], language: query["lang"])
    }

    /// POST: `latitude`, `longitude`, `lang`.
    init(body: Inputs) throws(HandlerError) {
        try self.init(latitude: body["latitude"], longitude: body["longitude"], language: body["lang"])
    }

    private init(latitude: Input, longitude: Input, language: Input) throws(HandlerError) {
        place = Coordinates(
            latitude: try latitude.requiredNumber(in: Coordinates.latitudes),
            longitude: try longitude.requiredNumber(in: Coordinates.longitudes))
        self.language = try language.choice(WeatherLookup.languages) ?? Self.defaultLanguage
    }
}

enum WeatherRules {
    /// Temperature in degrees Celsius, humidity in percent, wind in metres a second; `timestamp` is when the
    /// provider observed it.
    static func document(_ weather: CachedWeather) -> JSONObject {
        let report = weather.report
        return [
            "weather": .string(report.description),
            "temperature": .number(JSONNumber(report.temperatureCelsius)),
            "location": .string(report.location), "humidity": .number(JSONNumber(report.humidityPercent)),
            "wind": .number(JSONNumber(report.windMetersPerSecond)),
            "timestamp": .string(report.observedAt.iso8601Seconds),
            "source": .string(report.offline ? "offline" : "openweather"), "cached": .bool(weather.cached),
        ]
    }
}
