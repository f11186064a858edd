import AWSClients
import Clock
import JSON
import ProviderClients

/// A point on the earth, in degrees.
public struct Coordinates: Sendable, Equatable {
    public static let latitudes = -90.0...90.0
    public static let longitudes = -180.0...180.0

    public var latitude: Double
    public var longitude: Double

    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }

    /// To hundredths of a degree, about 1.1 km: neighbours share an answer, and the exact place of a person
    /// is neither stored nor sent on.
    public var rounded: Coordinates {
        func hundredths(_ degrees: Double) -> Double {
            let value = (degrees * 100).rounded() / 100
            return value == 0 ? 0 : value  // no negative zero in keys
        }
        return Coordinates(latitude: hundredths(latitude), longitude: hundredths(longitude))
    }

    /// For keys: `25.03,121.56`.
    public var text: String { "\(JSONNumber(latitude).text),\(JSONNumber(longitude).text)" }
}

/// A weather report and whether it came from the table.
public struct CachedWeather: Sendable {
    public var report: WeatherReport
    public var cached: Bool

    public init(report: WeatherReport, cached: Bool) {
        self.report = report
        self.cached = cached
    }
}

/// Weather by rounded place and language, kept for 30 minutes.
public struct WeatherLookup: Sendable {
    public static let cacheSeconds: Int64 = 30 * 60
    public static let languages = ["zh", "en"]

    let dependencies: Dependencies

    public init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    /// - Throws: the weather provider's failure as 502 to 504, or the table's.
    public func weather(at place: Coordinates, language: String) throws(HandlerError) -> CachedWeather {
        let place = place.rounded
        let now = dependencies.clock.now
        let key = TableKey.weather(place: place.text, language: language)
        if let item = try dependencies.table.freshItem(key, at: now), let report = Self.report(item) {
            return CachedWeather(report: report, cached: true)
        }
        let report: WeatherReport
        do {
            report = try dependencies.weather.current(
                latitude: place.latitude, longitude: place.longitude, language: language)
        } catch {
            throw HandlerError(provider: error)
        }
        try dependencies.table.put(Self.item(report, key, expires: now.seconds + Self.cacheSeconds))
        return CachedWeather(report: report, cached: false)
    }

    static func item(_ report: WeatherReport, _ key: TableKey, expires: Int64) -> JSONObject {
        var item = key.attributes
        item["weather"] = Attribute.s(report.description)
        item["temperature"] = .storedNumber(report.temperatureCelsius)
        item["place"] = Attribute.s(report.location)
        item["humidity"] = Attribute.n(report.humidityPercent)
        item["wind"] = .storedNumber(report.windMetersPerSecond)
        item["observedAt"] = Attribute.n(Int(report.observedAt.seconds))
        item["timezoneOffset"] = Attribute.n(report.timezoneOffsetSeconds)
        item["offline"] = Attribute.bool(report.offline)
        item[AttributeName.timeToLive] = Attribute.n(Int(expires))
        return item
    }

    static func report(_ item: JSONObject) -> WeatherReport? {
        guard let description = item["weather"]?.attributeS,
            let temperature = item["temperature"]?.storedDouble, let location = item["place"]?.attributeS,
            let humidity = item["humidity"]?.attributeN, let wind = item["wind"]?.storedDouble,
            let observed = item["observedAt"]?.attributeN, let offset = item["timezoneOffset"]?.attributeN
        else { return nil }
        return WeatherReport(
            description: description, temperatureCelsius: temperature, location: location,
            humidityPercent: humidity, windMetersPerSecond: wind,
            observedAt: Timestamp(seconds: Int64(observed)), timezoneOffsetSeconds: offset,
            offline: item["offline"]?.attributeBool ?? false)
    }
}
