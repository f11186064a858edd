import JSON
import LambdaEvents
import Mumble

/// POST /counter/batch: up to 25 increments, each with a result of its own.
struct CounterBatch: Sendable {
    let writer: CounterWriter

    init(_ dependencies: Dependencies) { writer = CounterWriter(dependencies) }

    /// 200 whenever the batch itself is well formed; a client reads each entry's `success`. When every entry
    /// fails because the table does, that failure is the answer.
    func run(_ event: HTTPAPIEvent) throws(HandlerError) -> Answer {
        let key = try IdempotencyKey.read(event.headers)
        let body = try JSONBody.object(of: event)
        let entries = try CounterRules.entries(body)
        let request = JSONValue.array(entries).encodedString()
        var results: [JSONValue] = []
        var failures: [HandlerError] = []
        for (index, entry) in entries.enumerated() {
            do {
                let increment = try CounterRules.increment(entry, at: index)
                let once = key.map { IdempotencyKey(key: $0, position: index, request: request) }
                results.append(success(index, increment, value: try apply(increment, once)))
            } catch {
                if error.code == "IdempotencyKeyReused" { throw error }
                failures.append(error)
                results.append(failure(index, error))
            }
        }
        if failures.count == entries.count, let first = failures.first(where: { $0.status >= 500 }) {
            throw first
        }
        return .ok([
            "success": .bool(failures.isEmpty),
            "succeeded": .number(JSONNumber(entries.count - failures.count)),
            "failed": .number(JSONNumber(failures.count)), "results": .array(results),
        ])
    }

    private func apply(_ increment: Increment, _ once: IdempotencyKey?) throws(HandlerError) -> Int {
        guard let once else { return try writer.add(increment) }
        return try writer.addOnce(increment, once)
    }

    private func success(_ index: Int, _ increment: Increment, value: Int) -> JSONValue {
        [
            "index": .number(JSONNumber(index)), "success": true,
            "resource_id": .string(increment.resourceID), "counter_type": .string(increment.counterType),
            "current_value": .number(JSONNumber(value)),
        ]
    }

    private func failure(_ index: Int, _ error: HandlerError) -> JSONValue {
        [
            "index": .number(JSONNumber(index)), "success": false,
            "error": ["code": .string(error.code), "message": .string(error.message)],
        ]
    }
}
