import Clock
import JSON
import Mumble
import ProviderClients

/// A step that failed without stopping the picture.
struct Degradation: Sendable, Equatable {
    var step: String
    var code: String

    var document: JSONValue { ["step": .string(step), "code": .string(code)] }
}

/// What surrounds the words of a prompt.
struct PictureContext: Sendable {
    var weather: CachedWeather?
    /// Wall time at the place; nil when no place on earth was given.
    var localTime: Timestamp?
}

/// The words sent to the providers.
enum GenerateImageRules {
    /// A picture is found again by its prompt for 7 days.
    static let cacheSeconds: Int64 = 7 * 24 * 3600
    static let thumbnailSide = 256

    static let enhancerInstructions = """
        You turn a spoken wish into one prompt for an image model. Keep every subject the wish names. \
        Weave in style, place, weather, time of day and mood where they are given. Answer with the prompt \
        alone: one paragraph, at most 120 words, in the language of the wish, no quotation marks, no text in \
        the picture.
        """

    /// The request as facts, one a line, for the enhancer.
    static func enhancerInput(
        prompt: String, _ request: GenerateImageRequest, _ context: PictureContext
    ) -> String {
        (["Wish: \(oneLine(prompt))", "Style: \(oneLine(request.styleWords))"]
            + facts(request, context)
            .map { "\($0.name): \($0.text)" }).joined(separator: "\n")
    }

    /// The prompt when no enhancer helped.
    static func plainPrompt(
        prompt: String, _ request: GenerateImageRequest, _ context: PictureContext
    ) -> String {
        ([prompt, oneLine(request.styleWords)] + facts(request, context).map(\.text)).joined(separator: ", ")
    }

    /// Part of the day by the hour on the wall, 0 to 23.
    static func partOfDay(hour: Int) -> String {
        switch hour {
        case 5..<7: "dawn"
        case 7..<11: "morning"
        case 11..<14: "midday"
        case 14..<17: "afternoon"
        case 17..<20: "evening"
        default: "night"
        }
    }

    /// The time at a place: by the provider's offset, else by the sun (15 degrees an hour).
    static func localTime(_ now: Timestamp, _ coordinates: Coordinates, _ weather: CachedWeather?)
        -> Timestamp
    {
        let seconds =
            weather?.report.timezoneOffsetSeconds ?? Int((coordinates.longitude / 15).rounded()) * 3600
        return now + Int64(seconds) * 1000
    }

    /// The enhancer's answer when it can be used: not blank, not a novel.
    static func usable(_ enhanced: String) -> String? {
        let text = oneLine(enhanced)
        return (1...4000).contains(text.unicodeScalars.count) && text.contains { $0 != " " } ? text : nil
    }

    private static func facts(
        _ request: GenerateImageRequest, _ context: PictureContext
    ) -> [(name: String, text: String)] {
        var facts: [(name: String, text: String)] = []
        if let place = request.location?.place ?? context.weather?.report.location, !place.isEmpty {
            facts.append(("Place", oneLine(place)))
        }
        if let report = context.weather?.report {
            let degrees = Int(report.temperatureCelsius.rounded())
            facts.append(("Weather", "\(oneLine(report.description)), \(degrees) degrees Celsius"))
        }
        if let time = context.localTime {
            facts.append(("Time of day", partOfDay(hour: time.civil.hour)))
        }
        if let mood = request.mood { facts.append(("Mood", "\(oneLine(mood)) mood")) }
        return facts
    }

    /// Facts are lines, so text from outside must not make new ones.
    private static func oneLine(_ text: String) -> String {
        text.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    }
}
