import Bytes
import Clock
import HTTPTypes
import JSON

/// `GET /data/2.5/weather` ("Current weather data", openweathermap.org/current).
struct WeatherService: Sendable {
    let clock: any WallClock

    func respond(to request: HTTPRequest) -> HTTPResponse {
        var parameters: [String: String] = [:]
        for item in Query.parse(request.rawQuery) { parameters[item.name] = item.value }
        guard let key = parameters["appid"], !key.isEmpty else {
            return .json(
                401,
                [
                    "cod": 401,
                    "message":
                        "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.",
                ])
        }
        guard let latitude = Self.degrees(parameters["lat"], limit: 90) else { return Self.wrong("latitude") }
        guard let longitude = Self.degrees(parameters["lon"], limit: 180) else {
            return Self.wrong("longitude")
        }
        return .json(
            200,
            document(
                latitude, longitude, units: parameters["units"] ?? "standard",
                isChinese: parameters["lang"]?.hasPrefix("zh") == true))
    }

    private static func degrees(_ text: String?, limit: Double) -> Double? {
        guard let text, let value = Double(text), value.isFinite, abs(value) <= limit else { return nil }
        return value
    }

    private static func wrong(_ name: String) -> HTTPResponse {
        .json(400, ["cod": "400", "message": .string("wrong \(name)")])
    }

    private func document(_ latitude: Double, _ longitude: Double, units: String, isChinese: Bool)
        -> JSONValue
    {
        let now = clock.now
        let model = WeatherModel(latitude: latitude, longitude: longitude, at: now)
        let place = Place.nearest(latitude: latitude, longitude: longitude)
        let temperature = Self.converted(model.temperature, units)
        func number(_ value: Double) -> JSONValue { .number(.init((value * 100).rounded() / 100)) }
        func whole(_ value: some BinaryInteger) -> JSONValue { .number(.init(value)) }
        return [
            "coord": ["lon": number(longitude), "lat": number(latitude)],
            "weather": [
                [
                    "id": whole(model.condition.id), "main": .string(model.condition.main),
                    "description": .string(isChinese ? model.condition.chinese : model.condition.english),
                    "icon": .string(model.condition.icon + (model.isDay ? "d" : "n")),
                ]
            ],
            "base": "stations",
            "main": [
                "temp": number(temperature), "feels_like": number(temperature - model.wind * 0.3),
                "temp_min": number(temperature - 1.5), "temp_max": number(temperature + 1.5),
                "pressure": whole(model.pressure), "humidity": whole(model.humidity),
            ],
            "visibility": whole(model.condition == .mist ? 2_500 : 10_000),
            "wind": [
                "speed": number(units == "imperial" ? model.wind * 2.237 : model.wind),
                "deg": whole(model.windDirection),
            ],
            "clouds": ["all": whole(model.cloudiness)], "dt": whole(now.seconds),
            "sys": [
                "country": .string(place.country), "sunrise": whole(model.sunrise),
                "sunset": whole(model.sunset),
            ],
            "timezone": whole(model.timezone), "id": whole(place.id),
            "name": .string(isChinese ? place.chinese : place.english), "cod": 200, "offline": true,
        ]
    }

    private static func converted(_ celsius: Double, _ units: String) -> Double {
        switch units {
        case "metric": celsius
        case "imperial": celsius * 1.8 + 32
        default: celsius + 273.15
        }
    }
}
