import AWSClients
import JSON
import Mumble

/// Changes counters.
struct CounterWriter: Sendable {
    let dependencies: Dependencies
    private var table: MumbleTable { dependencies.table }

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    /// Adds and returns the new value: one operation, and atomic in it. The client repeats it only after
    /// throttles and failures to connect: whoever wants to be sure of a lost answer sends a key.
    /// - Throws: 503 `TableUnavailable` too when the answer was lost and the increment may have counted.
    func add(_ increment: Increment) throws(HandlerError) -> Int {
        var input = update(increment)
        input["ReturnValues"] = "UPDATED_NEW"
        input["TableName"] = .string(table.name)
        let answer: JSONValue
        do {
            answer = try dependencies.database.call("UpdateItem", input, repeatsWhenUnsure: false)
        } catch {
            guard error.mayHaveBeenApplied else { throw HandlerError(table: error, operation: "UpdateItem") }
            throw .unavailable(
                "TableUnavailable", "the table's answer was lost; the increment may have counted",
                detail: "UpdateItem: \(error)")
        }
        guard let value = answer["Attributes"]?[AttributeName.counterValue]?.attributeN else {
            throw HandlerError(
                status: 502, code: "TableBadResponse", message: "the table did not return the new value")
        }
        return value
    }

    /// Counter and index key; the index entry moves with the value in the same write.
    private func update(_ increment: Increment) -> JSONObject {
        [
            "Key": .object(increment.key.attributes),
            "UpdateExpression": "SET GSI2PK = :index, updatedAt = :now ADD counterValue :delta",
            "ExpressionAttributeValues": [
                ":index": Attribute.s(TableKey.counterTypeIndex(increment.counterType)),
                ":now": Attribute.s(dependencies.clock.now.iso8601),
                ":delta": Attribute.n(increment.delta),
            ],
        ]
    }

    // MARK: - Once per idempotency key

    /// How often a race against other increments is run again before the client is asked to repeat.
    static let maximumAttempts = 12

    /// Adds unless this key was seen in the last 24 hours; then returns the first call's value.
    ///
    /// A transaction returns no values, so the new value is foretold: the counter's update is conditional on
    /// the value read before. When it is not met, the cancellation carries the value to try next.
    /// - Throws: 422 `IdempotencyKeyReused` when the key came with another request; 503 `CounterBusy`.
    func addOnce(_ increment: Increment, _ once: IdempotencyKey) throws(HandlerError) -> Int {
        var current = try table.item(increment.key).flatMap { $0[AttributeName.counterValue]?.attributeN }
        for attempt in 0..<Self.maximumAttempts {
            let new = (current ?? 0) + increment.delta
            do {
                _ = try dependencies.database.call(
                    "TransactWriteItems",
                    [
                        "TransactItems": [
                            conditionalUpdate(increment, current: current),
                            conditionalPut(increment, once, value: new),
                        ]
                    ])
                return new
            } catch {
                guard error.code == "TransactionCanceledException" else {
                    throw HandlerError(table: error, operation: "TransactWriteItems")
                }
                if let first = try earlierAnswer(once, error) { return first }
            }
            if attempt > 0 { dependencies.pause(backOff(attempt)) }
            current = try table.item(increment.key).flatMap { $0[AttributeName.counterValue]?.attributeN }
        }
        throw .unavailable("CounterBusy", "too many increments at once; repeat with the same idempotency key")
    }

    /// Binds the client's key to a whole batch before any entry is applied: from then on every other batch,
    /// and an increment, gets 422. The same batch may come again.
    ///
    /// This record is kept longer than those of the entries, and anew with each repetition, so that no entry
    /// is ever remembered for a key that is free.
    func claim(_ batch: IdempotencyKey) throws(HandlerError) {
        let now = dependencies.clock.now.seconds
        var put = rememberingPut(
            batch, until: now + IdempotencyKey.seconds + IdempotencyKey.longestInvocation, at: now)
        put["ConditionExpression"] = "attribute_not_exists(PK) OR #ttl <= :now OR requestDigest = :digest"
        put["ExpressionAttributeValues"] = [
            ":now": Attribute.n(Int(now)), ":digest": Attribute.s(batch.requestDigest),
        ]
        do {
            _ = try table.rawCall("PutItem", put)
        } catch {
            if error.code == "ConditionalCheckFailedException" { throw Self.reused }
            throw HandlerError(table: error, operation: "PutItem")
        }
    }

    private static let reused = HandlerError(
        status: 422, code: "IdempotencyKeyReused",
        message: "header 'idempotency-key' was used before with a different request")

    /// Full jitter up to 1, 2, 4 ... 64 ms, so that rivals part.
    private func backOff(_ attempt: Int) -> Int {
        Int.random(in: 0...(1 << min(attempt, 6)))
    }

    private func conditionalUpdate(_ increment: Increment, current: Int?) -> JSONValue {
        var action = update(increment)
        action["TableName"] = .string(table.name)
        var values = action["ExpressionAttributeValues"]?.object ?? JSONObject()
        if let current {
            action["ConditionExpression"] = "counterValue = :current"
            values[":current"] = Attribute.n(current)
        } else {
            action["ConditionExpression"] = "attribute_not_exists(counterValue)"
        }
        action["ExpressionAttributeValues"] = .object(values)
        return ["Update": .object(action)]
    }

    private func conditionalPut(_ increment: Increment, _ once: IdempotencyKey, value: Int) -> JSONValue {
        let now = dependencies.clock.now.seconds
        var put = rememberingPut(once, answer: value, until: now + IdempotencyKey.seconds, at: now)
        put["TableName"] = .string(table.name)
        return ["Put": .object(put)]
    }

    /// Remembers the key unless it is taken, until a time in seconds since 1970.
    private func rememberingPut(
        _ once: IdempotencyKey, answer: Int? = nil, until end: Int64, at now: Int64
    ) -> JSONObject {
        var item = once.tableKey.attributes
        item["requestDigest"] = Attribute.s(once.requestDigest)
        if let answer { item["answerValue"] = Attribute.n(answer) }
        item[AttributeName.timeToLive] = Attribute.n(Int(end))
        return [
            "Item": .object(item),
            // Expired items stay for a while; they count as absent.
            "ConditionExpression": "attribute_not_exists(PK) OR #ttl <= :now",
            "ExpressionAttributeNames": ["#ttl": .string(AttributeName.timeToLive)],
            "ExpressionAttributeValues": [":now": Attribute.n(Int(now))],
        ]
    }

    /// The remembered value, when the cancellation says that the key is taken; nil when only the counter moved.
    private func earlierAnswer(
        _ once: IdempotencyKey, _ error: AWSServiceError
    ) throws(HandlerError) -> Int? {
        guard error.body?["CancellationReasons"]?[1]?["Code"]?.string == "ConditionalCheckFailed",
            let item = try table.freshItem(once.tableKey, at: dependencies.clock.now)
        else { return nil }
        guard item["requestDigest"]?.attributeS == once.requestDigest else { throw Self.reused }
        return item["answerValue"]?.attributeN
    }
}
