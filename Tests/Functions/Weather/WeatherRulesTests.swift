import JSON
import LambdaEvents
import Mumble
import ProviderClients
import TestSupport
import Testing

@testable import Weather

@Suite struct WeatherRulesTests {
    let world = TestWorld()

    private func get(_ query: [String: String]) throws -> (status: Int, document: JSONValue?) {
        let event = try HTTPAPIEvent.make("GET", "/api/v1/weather", query: query)
        let answer = WeatherService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    @Test func neighboursShareOneAnswerForHalfAnHour() throws {
        #expect(try get(["lat": "31.2304", "lon": "121.4737"]).document?["cached"] == false)
        #expect(try get(["lat": "31.2296", "lon": "121.4700"]).document?["cached"] == true)
        #expect(world.weather.calls == [.init(latitude: 31.23, longitude: 121.47, language: "en")])
        world.clock.advance(milliseconds: 30 * 60_000 - 1000)
        #expect(try get(["lat": "31.23", "lon": "121.47"]).document?["cached"] == true)
        world.clock.advance(milliseconds: 1000)
        #expect(try get(["lat": "31.23", "lon": "121.47"]).document?["cached"] == false)
    }

    @Test func languagesAreCachedApart() throws {
        _ = try get(["lat": "1", "lon": "2", "lang": "zh"])
        #expect(try get(["lat": "1", "lon": "2", "lang": "en"]).document?["cached"] == false)
        #expect(world.table.item("WEATHER#1,2#zh", "CACHE") != nil || world.table.count == 2)
    }

    @Test func cachedReportIsTheSameReport() throws {
        let fresh = try get(["lat": "1", "lon": "2"]).document?.object
        var cached = try get(["lat": "1", "lon": "2"]).document?.object
        #expect(cached?["cached"] == true)
        cached?["cached"] = false
        #expect(cached == fresh)
    }

    @Test func realReportSaysSo() throws {
        world.weather.set(.success(Samples.weather(offline: false)))
        #expect(try get(["lat": "1", "lon": "2"]).document?["source"] == "openweather")
    }

    @Test(arguments: [(ProviderError.Code.throttled, 503), (.timeout, 504), (.unauthorized, 502)])
    func providerFailureIsNeverA500(_ code: ProviderError.Code, _ status: Int) throws {
        world.weather.set(.failure(Samples.providerError("weather", code)))
        #expect(try get(["lat": "1", "lon": "2"]).status == status)
        #expect(world.table.count == 0)
    }

    @Test func roundingIsToHundredthsWithoutNegativeZero() {
        let place = Coordinates(latitude: -0.001, longitude: 179.996).rounded
        #expect(place == Coordinates(latitude: 0, longitude: 180))
        #expect(place.latitude.sign == .plus)
    }
}
