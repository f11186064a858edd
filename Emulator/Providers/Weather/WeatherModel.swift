import Clock
import Digests
import Glibc

/// A seasonal model of the weather: plausible, and the same for the same place and hour.
struct WeatherModel: Sendable {
    /// One condition of OpenWeather's list, with its code and icon.
    struct Condition: Sendable, Equatable {
        let id: Int
        let main: String
        let english: String
        let chinese: String
        let icon: String

        static let clear = Condition(id: 800, main: "Clear", english: "clear sky", chinese: "晴", icon: "01")
        static let few = Condition(
            id: 801, main: "Clouds", english: "few clouds", chinese: "晴，少云", icon: "02")
        static let broken = Condition(
            id: 803, main: "Clouds", english: "broken clouds", chinese: "多云", icon: "04")
        static let overcast = Condition(
            id: 804, main: "Clouds", english: "overcast clouds", chinese: "阴，多云", icon: "04")
        static let mist = Condition(id: 701, main: "Mist", english: "mist", chinese: "薄雾", icon: "50")
        static let lightRain = Condition(
            id: 500, main: "Rain", english: "light rain", chinese: "小雨", icon: "10")
        static let rain = Condition(
            id: 501, main: "Rain", english: "moderate rain", chinese: "中雨", icon: "10")
        static let storm = Condition(
            id: 211, main: "Thunderstorm", english: "thunderstorm", chinese: "雷暴", icon: "11")
        static let snow = Condition(id: 600, main: "Snow", english: "light snow", chinese: "小雪", icon: "13")
    }

    let temperature: Double
    let humidity: Int
    let pressure: Int
    let wind: Double
    let windDirection: Int
    let cloudiness: Int
    let condition: Condition
    let isDay: Bool
    /// Seconds east of UTC: whole hours by longitude.
    let timezone: Int
    let sunrise: Int64
    let sunset: Int64

    init(latitude: Double, longitude: Double, at now: Timestamp) {
        let zone = Int((longitude / 15).rounded()) * 3_600
        let local = now.seconds + Int64(zone)
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let secondOfDay = Double(local - day * 86_400)
        // 0 at the northern winter solstice; the southern seasons are half a year apart.
        let season = cos(Double(day % 365 - 355) / 365.25 * 2 * .pi) * (latitude >= 0 ? 1 : -1)
        let north = abs(latitude)
        var noise = Noise(latitude: latitude, longitude: longitude, day: day)
        let mean = 27.5 - 0.0055 * north * north - 0.25 * max(0, north - 20)
        let swing = min(16, north * 0.3)
        let hours = secondOfDay / 3_600
        let daily = -cos((hours - 3) / 24 * 2 * .pi) * (4.5 - north * 0.02)
        let wetness = noise.next()
        let raw = mean - season * swing + daily + (noise.next() - 0.5) * 7 - (wetness > 0.7 ? 2 : 0)
        temperature = (max(-48, min(46, raw)) * 100).rounded() / 100
        let declination = -0.4091 * cos(Double(day % 365 + 10) / 365.25 * 2 * .pi)
        let daylight = Self.daylight(latitude: latitude, declination: declination)
        let noon = day * 86_400 + 43_200 - Int64(zone)
        sunrise = noon - Int64(daylight / 2)
        sunset = noon + Int64(daylight / 2)
        isDay = now.seconds >= sunrise && now.seconds < sunset
        humidity = Int(max(12, min(99, 45 + wetness * 50 + (noise.next() - 0.5) * 12)))
        pressure = Int(1_022 - wetness * 22 + (noise.next() - 0.5) * 6)
        wind = ((noise.next() * 6 + wetness * 4) * 100).rounded() / 100
        windDirection = Int(noise.next() * 360)
        cloudiness = Int(max(0, min(100, (wetness - 0.15) * 125)))
        condition = Self.condition(wetness: wetness, temperature: temperature, humidity: humidity, wind: wind)
        timezone = zone
    }

    private static func condition(wetness: Double, temperature: Double, humidity: Int, wind: Double)
        -> Condition
    {
        switch wetness {
        case ..<0.28: .clear
        case ..<0.42: .few
        case ..<0.56: .broken
        case ..<0.68: humidity > 82 && wind < 4 ? .mist : .overcast
        case _ where temperature < 1: .snow
        case ..<0.84: .lightRain
        case ..<0.94: .rain
        default: temperature > 18 ? .storm : .rain
        }
    }

    /// Seconds between sunrise and sunset; 0 in the polar night, 86,400 in the polar day.
    private static func daylight(latitude: Double, declination: Double) -> Double {
        let angle = -tan(max(-89.9, min(89.9, latitude)) * .pi / 180) * tan(declination)
        return acos(max(-1, min(1, angle))) / .pi * 86_400
    }

    /// Numbers from 0 to 1 that depend on place (a tenth of a degree) and day only.
    private struct Noise {
        private var generator: SeededGenerator

        init(latitude: Double, longitude: Double, day: Int64) {
            let text = "\(Int((latitude * 10).rounded())) \(Int((longitude * 10).rounded())) \(day)"
            let seed = SHA256.hash(text).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            generator = SeededGenerator(seed: seed)
        }

        mutating func next() -> Double { generator.number(0...1) }
    }
}
