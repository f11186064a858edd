import AWSClients
import JSON
import LambdaEvents
import Mumble
import TestSupport
import Testing

@testable import Counter

@Suite struct CounterWriterTests {
    let world = TestWorld()

    private func post(
        _ body: String, key: String? = nil, path: String = "increment"
    ) throws -> (status: Int, document: JSONValue?) {
        let event = try HTTPAPIEvent.make(
            "POST", "/api/v1/counter/\(path)", headers: key.map { ["idempotency-key": $0] } ?? [:], body: body
        )
        let answer = CounterService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    private func value(_ resource: String = "r") -> JSONValue? {
        world.table.item("COUNTER#\(resource)", "TYPE#like")?["counterValue"]
    }

    private let like = #"{"resource_id": "r", "counter_type": "like", "delta": 1}"#

    @Test func incrementIsExactlyOneCall() throws {
        #expect(try post(like).document?["current_value"] == 1)
        #expect(world.table.operations == ["UpdateItem"])
        #expect(try post(like).document?["current_value"] == 2)
        #expect(world.table.operations == ["UpdateItem", "UpdateItem"])
        #expect(
            world.table.item("COUNTER#r", "TYPE#like") == [
                "PK": ["S": "COUNTER#r"], "SK": ["S": "TYPE#like"], "counterValue": ["N": "2"],
                "GSI2PK": ["S": "COUNTERTYPE#like"], "updatedAt": ["S": "2026-01-02T03:04:05.678Z"],
            ])
    }

    @Test func onlyIncrementsWithAKeyAreRepeatedWhenTheirAnswerIsLost() throws {
        let database = RepeatRecorder(world.table)
        var dependencies = world.dependencies
        dependencies.database = database
        let service = CounterService(dependencies)
        for (path, body) in [("increment", like), ("batch", batch)] {
            for headers in [[:], ["idempotency-key": path]] {
                let event = try HTTPAPIEvent.make(
                    "POST", "/api/v1/counter/\(path)", headers: headers, body: body)
                #expect(service.handle(event, TestWorld.context).statusCode == 200)
            }
        }
        let updates = database.calls.all.filter { $0.operation == "UpdateItem" }
        #expect(updates.map(\.repeats) == [false, false, false])
        let others = database.calls.all.filter { $0.operation != "UpdateItem" }
        #expect(!others.isEmpty && others.allSatisfy(\.repeats))
    }

    @Test func aLostAnswerWithoutAKeyIsToldAsSuch() throws {
        world.table.fail(
            "UpdateItem",
            with: AWSServiceError(
                code: "TransportError", status: 0, message: "closed", retryable: true,
                mayHaveBeenApplied: true))
        let answer = try post(like)
        #expect(answer.status == 503)
        #expect(answer.document?["error"]?["code"] == "TableUnavailable")
        #expect(answer.document?["error"]?["message"]?.string?.contains("may have counted") == true)
    }

    @Test func repeatedKeyReturnsTheFirstAnswer() throws {
        let first = try post(like, key: "k")
        #expect(try post(like, key: "other").document?["current_value"] == 2)
        let second = try post(#"{"delta":1,"counter_type":"like","resource_id":"r"}"#, key: "k")
        #expect(second.document == first.document)
        #expect(value() == ["N": "2"])
    }

    @Test func keyIsFreeAgainAfterADay() throws {
        _ = try post(like, key: "k")
        world.clock.advance(milliseconds: 24 * 3_600_000 - 1000)
        #expect(try post(like, key: "k").document?["current_value"] == 1)
        world.clock.advance(milliseconds: 1000)
        #expect(try post(like, key: "k").document?["current_value"] == 2)
    }

    @Test func sameKeyWithAnotherRequestIs422() throws {
        _ = try post(like, key: "k")
        let answer = try post(#"{"resource_id": "r", "counter_type": "like", "delta": 2}"#, key: "k")
        #expect(answer.status == 422)
        #expect(answer.document?["error"]?["code"] == "IdempotencyKeyReused")
        #expect(value() == ["N": "1"])
    }

    @Test func aRivalBetweenReadAndWriteIsCountedToo() throws {
        world.table.beforeEachCall { table, operation in
            guard operation == "TransactWriteItems" else { return }
            table.beforeEachCall(nil)
            _ = try? table.call(
                "UpdateItem",
                [
                    "TableName": .string(table.name),
                    "Key": .object(TableKey.counter(resource: "r", type: "like").attributes),
                    "UpdateExpression": "ADD counterValue :d",
                    "ExpressionAttributeValues": [":d": ["N": "10"]],
                ])
        }
        #expect(try post(like, key: "k").document?["current_value"] == 11)
        #expect(value() == ["N": "11"])
        #expect(try post(like, key: "k").document?["current_value"] == 11)
    }

    @Test func endlessRivalsEndInABusyAnswerThatMayBeRepeated() throws {
        world.table.beforeEachCall { table, operation in
            guard operation == "TransactWriteItems" else { return }
            _ = try? table.call(
                "UpdateItem",
                [
                    "TableName": .string(table.name),
                    "Key": .object(TableKey.counter(resource: "r", type: "like").attributes),
                    "UpdateExpression": "ADD counterValue :d",
                    "ExpressionAttributeValues": [":d": ["N": "1"]],
                ])
        }
        let answer = try post(like, key: "k")
        #expect(answer.status == 503)
        #expect(answer.document?["error"]?["code"] == "CounterBusy")
        #expect(world.pauses.all.count == CounterWriter.maximumAttempts - 1)
        #expect(world.pauses.all.allSatisfy { (0...64).contains($0) })
        world.table.beforeEachCall(nil)
        #expect(try post(like, key: "k").document?["current_value"] == 13)
    }

    @Test func aLostAnswerIsFoundAgain() throws {
        // The write happened, its answer did not arrive: the client repeats, and nothing is counted twice.
        _ = try post(like, key: "k")
        let error = AWSServiceError(
            code: "TransportError", status: 0, message: "closed", body: nil, retryable: true)
        world.table.fail("TransactWriteItems", with: error)
        #expect(try post(like, key: "k").status == 503)
        #expect(try post(like, key: "k").document?["current_value"] == 1)
        #expect(value() == ["N": "1"])
    }

    @Test func parallelIncrementsWithKeysAnswerEachValueOnce() async throws {
        let dependencies = world.dependencies
        let body = like
        let values = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let event = try HTTPAPIEvent.make(
                        "POST", "/api/v1/counter/increment", headers: ["idempotency-key": "k\(number)"],
                        body: body)
                    let answer = CounterService(dependencies).handle(event, TestWorld.context)
                    return answer.document?["current_value"]?.int
                }
            }
            return try await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        let answered = values.compactMap { $0 }.sorted()
        #expect(answered == Array(1...8), "a race is only lost to a rival that won, so seven losses at most")
        #expect(value() == ["N": "8"])
    }

    // MARK: - Batch

    private let batch = #"""
        {"entries": [{"resource_id": "r", "counter_type": "like", "delta": 1},
                     {"resource_id": "s", "counter_type": "like", "delta": 5}]}
        """#

    @Test func batchIsOneCallAnEntry() throws {
        #expect(try post(batch, path: "batch").document?["succeeded"] == 2)
        #expect(world.table.operations == ["UpdateItem", "UpdateItem"])
    }

    @Test func batchWithAKeyCountsOnce() throws {
        let first = try post(batch, key: "k", path: "batch")
        let second = try post(batch, key: "k", path: "batch")
        #expect(first.document == second.document)
        #expect(value("s") == ["N": "5"])
        let other = batch.replacing("\"delta\": 5", with: "\"delta\": 6")
        #expect(try post(other, key: "k", path: "batch").status == 422)
        #expect(value("s") == ["N": "5"])
    }

    @Test func changedBatchAppliesNothing() throws {
        // Position 0 is not recorded, since the table failed it; position 1 is.
        world.table.fail("TransactWriteItems", with: throttled)
        #expect(try post(batch, key: "k", path: "batch").document?["succeeded"] == 1)
        for other in [
            batch.replacing("\"delta\": 5", with: "\"delta\": 6"),
            #"{"entries": [{"resource_id": "r", "counter_type": "like"}]}"#,
        ] {
            let answer = try post(other, key: "k", path: "batch")
            #expect(answer.status == 422)
            #expect(answer.document?["error"]?["code"] == "IdempotencyKeyReused")
        }
        #expect(value() == nil && value("s") == ["N": "5"])
        #expect(try post(batch, key: "k", path: "batch").document?["succeeded"] == 2)
        #expect(value() == ["N": "1"] && value("s") == ["N": "5"])
    }

    @Test func meaningOfABatchIsNotItsSpelling() throws {
        let first = try post(batch, key: "k", path: "batch")
        let again = try post(
            #"""
            {"entries": [{"counter_type": "like", "resource_id": "r"},
                         {"delta": 5, "resource_id": "s", "counter_type": "like"}]}
            """#, key: "k", path: "batch")
        #expect(again.status == 200 && again.document == first.document)
        #expect(value() == ["N": "1"] && value("s") == ["N": "5"])
    }

    @Test func orderAndMistakesAreMeaning() throws {
        let mistaken = batch.replacing("\"delta\": 1", with: "\"delta\": 0")
        #expect(try post(mistaken, key: "k", path: "batch").document?["failed"] == 1)
        #expect(try post(batch, key: "k", path: "batch").status == 422)
        let turned = batch.replacing("\"r\"", with: "\"x\"").replacing("\"s\"", with: "\"r\"")
        #expect(try post(turned, key: "k", path: "batch").status == 422)
        #expect(value() == nil && value("s") == ["N": "5"] && value("x") == nil)
    }

    @Test func oneKeyForIncrementAndBatchIsReuse() throws {
        let single = #"{"entries": [\#(like)]}"#
        #expect(try post(like, key: "a").status == 200)
        #expect(try post(single, key: "a", path: "batch").status == 422)
        #expect(try post(single, key: "b", path: "batch").status == 200)
        #expect(try post(like, key: "b").status == 422)
        #expect(value() == ["N": "2"])
    }

    @Test func keyOfABatchOutlivesItsEntriesByAnInvocation() throws {
        _ = try post(batch, key: "k", path: "batch")
        world.clock.advance(milliseconds: 24 * 3_600_000)
        let other = batch.replacing("\"delta\": 5", with: "\"delta\": 6")
        #expect(try post(other, key: "k", path: "batch").status == 422)
        world.clock.advance(milliseconds: IdempotencyKey.longestInvocation * 1000)
        #expect(try post(other, key: "k", path: "batch").status == 200)
        #expect(value() == ["N": "2"] && value("s") == ["N": "11"])
    }

    @Test func batchWhoseKeyCannotBeKeptAppliesNothing() throws {
        world.table.fail("PutItem", with: throttled)
        let answer = try post(batch, key: "k", path: "batch")
        #expect(answer.status == 503)
        #expect(answer.document?["error"]?["code"] == "TableThrottled")
        #expect(world.table.operations == ["PutItem"])
    }

    @Test func batchSurvivesOneFailedEntryAndTellsOfIt() throws {
        world.table.fail("UpdateItem", with: throttled)
        let answer = try post(batch, path: "batch")
        #expect(answer.status == 200)
        #expect(answer.document?["success"] == false)
        #expect(answer.document?["results"]?[0]?["error"]?["code"] == "TableThrottled")
        #expect(answer.document?["results"]?[1]?["current_value"] == 5)
    }

    @Test func batchWithoutTableFailsAsAWhole() throws {
        world.table.fail("UpdateItem", with: throttled)
        world.table.fail("UpdateItem", with: throttled)
        #expect(try post(batch, path: "batch").status == 503)
    }

    private var throttled: AWSServiceError {
        AWSServiceError(code: "ThrottlingException", status: 400, message: "", body: nil, retryable: true)
    }
}

/// Notes with each call whether it may be repeated.
private final class RepeatRecorder: DynamoDBCalling {
    let calls = Collected<(operation: String, repeats: Bool)>()
    private let table: FakeTable

    init(_ table: FakeTable) { self.table = table }

    func call(_ operation: String, _ input: JSONObject) throws(AWSServiceError) -> JSONValue {
        try call(operation, input, repeatsWhenUnsure: true)
    }

    func call(
        _ operation: String, _ input: JSONObject, repeatsWhenUnsure: Bool
    ) throws(AWSServiceError) -> JSONValue {
        calls.append((operation, repeatsWhenUnsure))
        return try table.call(operation, input)
    }
}
