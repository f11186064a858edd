import Clock
import HTTPTypes
import JSON
import Testing

@testable import StandIns

@Suite struct WeatherTests {
    private let july = Timestamp(seconds: 1_784_030_400)
    private let january = Timestamp(seconds: 1_768_435_200)

    private func ask(_ query: String, at now: Timestamp) throws -> (Int, JSONValue) {
        let service = WeatherService(clock: ManualClock(now))
        let response = service.respond(
            to: HTTPRequest(method: "GET", target: "/_providers/openweather/data/2.5/weather?\(query)"))
        return (response.status, try JSONValue.parse(response.body.bytes ?? []))
    }

    @Test func plausibleOverTheGlobeAndTheYear() {
        for latitude in stride(from: -90.0, through: 90, by: 15) {
            for longitude in stride(from: -180.0, through: 180, by: 30) {
                for month in 0..<12 {
                    let model = WeatherModel(
                        latitude: latitude, longitude: longitude, at: january + Int64(month) * 2_630_000_000)
                    #expect((-48...46).contains(model.temperature))
                    #expect((0...100).contains(model.humidity) && (0...100).contains(model.cloudiness))
                    #expect((970...1_045).contains(model.pressure) && model.wind >= 0)
                    if model.condition == .snow { #expect(model.temperature < 1) }
                    #expect(model.sunrise <= model.sunset && model.sunset - model.sunrise <= 86_400)
                }
            }
        }
    }

    /// Mean over a month, so that the day's noise does not decide.
    private func mean(_ latitude: Double, _ start: Timestamp) -> Double {
        let days = (0..<30).map {
            WeatherModel(latitude: latitude, longitude: 120, at: start + Int64($0) * 86_400_000).temperature
        }
        return days.reduce(0, +) / 30
    }

    @Test func seasonsAndHemispheres() {
        #expect(mean(40, july) > mean(40, january) + 8)
        #expect(mean(-40, july) < mean(-40, january) - 8)
        #expect(mean(0, january) > mean(60, january) + 15)
    }

    @Test func sameHourSameWeather() throws {
        let first = try ask("lat=31.23&lon=121.47&appid=k&units=metric", at: july)
        #expect(try ask("lat=31.23&lon=121.47&appid=k&units=metric", at: july) == first)
        #expect(first.0 == 200 && first.1["name"] == "Shanghai" && first.1["timezone"] == 28_800)
    }

    @Test func chineseAndUnits() throws {
        let chinese = try ask("lat=39.9&lon=116.4&appid=k&units=metric&lang=zh_cn", at: july).1
        #expect(chinese["name"] == "北京")
        let metric = try #require(chinese["main"]?["temp"]?.double)
        let kelvin = try #require(try ask("lat=39.9&lon=116.4&appid=k", at: july).1["main"]?["temp"]?.double)
        #expect(abs(kelvin - metric - 273.15) < 0.02)
    }

    @Test(arguments: [
        ("lat=1&lon=1", 401, "Invalid API key"), ("lat=91&lon=1&appid=k", 400, "wrong latitude"),
        ("lat=x&lon=1&appid=k", 400, "wrong latitude"), ("lat=1&appid=k", 400, "wrong longitude"),
        ("lat=1&lon=181&appid=k", 400, "wrong longitude"), ("lat=nan&lon=1&appid=k", 400, "wrong latitude"),
    ])
    func refusals(_ query: String, _ status: Int, _ message: String) throws {
        let (code, document) = try ask(query, at: july)
        #expect(code == status)
        #expect(document["message"]?.string?.hasPrefix(message) == true)
    }
}
