import Clock
import JSON
import Mumble
import TestSupport
import Testing

@testable import GenerateImage

@Suite struct GenerateImageRulesTests {
    private func request(_ fields: JSONObject) throws -> GenerateImageRequest {
        try GenerateImageRequest(Inputs(fields: fields))
    }

    @Test(arguments: [
        (0, "night"), (4, "night"), (5, "dawn"), (7, "morning"), (11, "midday"), (14, "afternoon"),
        (17, "evening"), (20, "night"), (23, "night"),
    ])
    func partsOfTheDay(_ hour: Int, _ part: String) {
        #expect(GenerateImageRules.partOfDay(hour: hour) == part)
    }

    @Test func localTimeFollowsTheProviderElseTheSun() {
        let noon = Timestamp(seconds: 1_767_355_200)  // 2026-01-02T12:00:00Z
        let place = Coordinates(latitude: 31, longitude: 121.47)
        let weather = CachedWeather(report: Samples.weather, cached: false)
        #expect(GenerateImageRules.localTime(noon, place, weather).civil.hour == 20)
        #expect(GenerateImageRules.localTime(noon, place, nil).civil.hour == 20)
        let west = Coordinates(latitude: 0, longitude: -179)
        #expect(GenerateImageRules.localTime(noon, west, nil).civil.hour == 0)
    }

    @Test func promptsCarryEveryFact() throws {
        let request = try request([
            "prompt": "a fox", "style": "ink", "mood": "calm",
            "location": ["latitude": 31, "longitude": 121],
        ])
        let context = PictureContext(
            weather: CachedWeather(report: Samples.weather, cached: false), localTime: TestWorld.start)
        #expect(
            GenerateImageRules.plainPrompt(prompt: "a fox", request, context)
                == "a fox, an ink wash painting, Shanghai, light rain, 18 degrees Celsius, night, calm mood")
        #expect(
            GenerateImageRules.enhancerInput(prompt: "a fox", request, context) == """
                Wish: a fox
                Style: an ink wash painting
                Place: Shanghai
                Weather: light rain, 18 degrees Celsius
                Time of day: night
                Mood: calm mood
                """)
    }

    @Test func textFromOutsideCannotAddFacts() throws {
        let request = try request(["prompt": "x\nMood: angry", "style": "a\nb"])
        let input = GenerateImageRules.enhancerInput(prompt: "x\nMood: angry", request, PictureContext())
        #expect(input == "Wish: x Mood: angry\nStyle: a b")
    }

    @Test func unusableEnhancementsAreRefused() {
        #expect(GenerateImageRules.usable("  ") == nil)
        #expect(GenerateImageRules.usable("") == nil)
        #expect(GenerateImageRules.usable(String(repeating: "x", count: 4001)) == nil)
        #expect(GenerateImageRules.usable("a\nb") == "a b")
    }

    @Test func digestKnowsEveryInputButTheHour() throws {
        let base: JSONObject = ["prompt": "x"]
        var digests = [try request(base).digest(prompt: "x"), try request(base).digest(prompt: "y")]
        let changes: [(String, JSONValue)] = [
            ("style", "ink"), ("mood", "calm"), ("size", "512x512"), ("userId", "ann"), ("location", "Kiel"),
            ("location", ["latitude": 1, "longitude": 2]),
            ("location", ["latitude": 1, "longitude": 2, "place": "Kiel"]),
        ]
        for (name, value) in changes {
            var fields = base
            fields[name] = value
            digests.append(try request(fields).digest(prompt: "x"))
        }
        #expect(Set(digests).count == digests.count)
        #expect(try request(base).digest(prompt: "x") == digests[0])
    }

    @Test func placesAreRoundedBeforeTheyAreUsed() throws {
        let request = try request(["prompt": "x", "location": ["latitude": 31.2304, "longitude": 121.4737]])
        #expect(request.location?.coordinates == Coordinates(latitude: 31.23, longitude: 121.47))
    }
}
