import JSON
import Mumble
import TestSupport
import Testing

@testable import Counter

@Suite struct CounterRulesTests {
    private func increment(_ fields: JSONObject) throws -> Increment { try Increment(Inputs(fields: fields)) }

    @Test(arguments: [-1000, -1, 1, 1000]) func deltaBoundsAreInclusive(_ delta: Int) throws {
        let fields: JSONObject = [
            "resource_id": "r", "counter_type": "like", "delta": .number(JSONNumber(delta)),
        ]
        #expect(try increment(fields).delta == delta)
    }

    @Test(arguments: [-1001, 0, 1001, Int.max, Int.min]) func otherDeltasAreNamed(_ delta: Int) {
        let fields: JSONObject = [
            "resource_id": "r", "counter_type": "like", "delta": .number(JSONNumber(delta)),
        ]
        #expect {
            try increment(fields)
        } throws: {
            ($0 as? HandlerError)?.message.hasPrefix("field 'delta' must") == true
        }
    }

    @Test func sameMeaningIsTheSameRequest() throws {
        let a = try increment(["resource_id": "r", "counter_type": "like", "delta": 1])
        let b = try increment(["counter_type": "like", "resource_id": "r"])
        #expect(a.canonicalText == b.canonicalText)
        #expect(
            a.canonicalText
                != (try increment(["resource_id": "r", "counter_type": "like", "delta": 2])).canonicalText)
    }

    @Test func positionsOfABatchHaveKeysOfTheirOwn() {
        let keys = [nil, 0, 1].map { IdempotencyKey(key: "k", position: $0, request: "x").digest }
        #expect(Set(keys).count == 3)
        #expect(IdempotencyKey(key: "k", position: 1, request: "y").digest == keys[2])
    }

    @Test func idempotencyHeaderIsOptionalAndBounded() throws {
        #expect(try IdempotencyKey.read([:]) == nil)
        #expect(try IdempotencyKey.read(["idempotency-key": "a"]) == "a")
        for wrong in ["", " ", "a b", "a\u{0}", "schlüssel", String(repeating: "a", count: 129)] {
            #expect(throws: HandlerError.self) { try IdempotencyKey.read(["idempotency-key": wrong]) }
        }
    }

    @Test func messageShowsTheSign() throws {
        let up = try increment(["resource_id": "r", "counter_type": "like", "delta": 2])
        #expect(up.document(value: 5)["message"] == "like of r changed by +2 to 5")
        let down = try increment(["resource_id": "r", "counter_type": "like", "delta": -2])
        #expect(down.document(value: 3)["message"] == "like of r changed by -2 to 3")
    }
}
