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
        let entries = try CounterRules.entries(body).enumerated().map(Self.check)
        let request = Self.canonicalText(entries)
        // What is refused for its key must be so as a whole, before the first entry counts.
        if let key { try writer.claim(IdempotencyKey(key: key, position: nil, request: request)) }
        var results: [JSONValue] = []
        var failures: [HandlerError] = []
        for (index, entry) in entries.enumerated() {
            do {
                let increment = try entry.get()
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

    private static func check(_ index: Int, _ entry: JSONValue) -> Result<Increment, HandlerError> {
        Result { () throws(HandlerError) in try CounterRules.increment(entry, at: index) }
    }

    /// Same text if and only if same results, however the JSON was written; no increment has such a text.
    private static func canonicalText(_ entries: [Result<Increment, HandlerError>]) -> String {
        let texts = entries.map { entry -> JSONValue in
            switch entry {
            case .success(let increment): .string(increment.canonicalText)
            case .failure(let error): .string("\(error.code): \(error.message)")
            }
        }
        return JSONValue.array(texts).encodedString()
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
