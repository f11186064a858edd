import LambdaEvents
import LambdaRuntime
import Mumble

enum WeatherEndpoint: String, Endpoint {
    case byQuery = "GET /weather"
    case byBody = "POST /weather"
}

/// GET and POST /weather: the weather at a place, kept for 30 minutes.
struct WeatherService: Sendable {
    let dependencies: Dependencies
    private let lookup: WeatherLookup

    init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        lookup = WeatherLookup(dependencies)
    }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            let request =
                switch try WeatherEndpoint.match(event).endpoint {
                case .byQuery: try WeatherRequest(query: Inputs(queryOf: event))
                case .byBody: try WeatherRequest(body: Inputs(bodyOf: event))
                }
            return .ok(
                WeatherRules.document(try lookup.weather(at: request.place, language: request.language)))
        }
    }
}
