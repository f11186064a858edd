import JSON
import LambdaEvents
import LambdaRuntime
import Mumble

enum CounterEndpoint: String, Endpoint {
    case increment = "POST /counter/increment"
    case batch = "POST /counter/batch"
    case top = "GET /counter/top"
    case stats = "GET /counter/stats"
    case value = "GET /counter/{resource_id}/{counter_type}"
}

/// Likes, views and whatever else is counted.
struct CounterService: Sendable {
    let dependencies: Dependencies

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            let (endpoint, parameters) = try CounterEndpoint.match(event)
            let reader = CounterReader(dependencies.table)
            switch endpoint {
            case .increment: return try increment(event)
            case .batch: return try CounterBatch(dependencies).run(event)
            case .top: return try reader.top(Inputs(queryOf: event))
            case .stats: return try reader.stats(Inputs(queryOf: event))
            case .value: return try reader.value(Inputs(path: parameters))
            }
        }
    }

    private func increment(_ event: HTTPAPIEvent) throws(HandlerError) -> Answer {
        let key = try IdempotencyKey.read(event.headers)
        let increment = try Increment(Inputs(bodyOf: event))
        let writer = CounterWriter(dependencies)
        guard let key else { return .ok(increment.document(value: try writer.add(increment))) }
        let once = IdempotencyKey(key: key, position: nil, request: increment.canonicalText)
        return .ok(increment.document(value: try writer.addOnce(increment, once)))
    }
}
