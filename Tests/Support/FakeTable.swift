import AWSClients
import JSON
import Synchronization

/// The single table in memory, behind the handlers' own protocol: same operations, same errors, no network.
public final class FakeTable: DynamoDBCalling {
    struct State {
        var items: [String: JSONObject] = [:]
        var calls: [(operation: String, input: JSONObject)] = []
        var failures: [String: [AWSServiceError]] = [:]
        var beforeCall: (@Sendable (FakeTable, String) -> Void)?
    }

    private let state = Mutex(State())
    public let name: String

    public init(name: String = "mumble-test") { self.name = name }

    // MARK: - For tests

    /// Operations so far, in order.
    public var operations: [String] { state.withLock { $0.calls.map(\.operation) } }
    public var inputs: [JSONObject] { state.withLock { $0.calls.map(\.input) } }
    public var count: Int { state.withLock { $0.items.count } }

    public func item(_ partition: String, _ sort: String) -> JSONObject? {
        state.withLock { $0.items[Self.key(partition, sort)] }
    }

    public func seed(_ item: JSONObject) {
        state.withLock { $0.items[Self.key(of: item)] = item }
    }

    /// Makes the next call of `operation` fail; several wait in line.
    public func fail(_ operation: String, with error: AWSServiceError) {
        state.withLock { $0.failures[operation, default: []].append(error) }
    }

    /// Runs before each call, outside the lock: a rival's write between two of ours.
    public func beforeEachCall(_ body: (@Sendable (FakeTable, String) -> Void)?) {
        state.withLock { $0.beforeCall = body }
    }

    // MARK: - DynamoDBCalling

    public func call(_ operation: String, _ input: JSONObject) throws(AWSServiceError) -> JSONValue {
        state.withLock { $0.beforeCall }?(self, operation)
        let result: Result<JSONValue, AWSServiceError> = state.withLock { state in
            state.calls.append((operation, input))
            if var waiting = state.failures[operation], !waiting.isEmpty {
                let error = waiting.removeFirst()
                state.failures[operation] = waiting
                return .failure(error)
            }
            do {
                return .success(.object(try perform(operation, input, &state)))
            } catch let error as AWSServiceError {
                return .failure(error)
            } catch {
                return .failure(Self.error("ValidationException", "\(error)"))
            }
        }
        return try result.get()
    }

    private func perform(_ operation: String, _ input: JSONObject, _ state: inout State) throws -> JSONObject
    {
        if operation != "TransactWriteItems", input["TableName"]?.string != name {
            throw Self.error("ResourceNotFoundException", "Requested resource not found")
        }
        switch operation {
        case "GetItem":
            guard let item = state.items[Self.key(of: input["Key"]?.object)] else { return [:] }
            return ["Item": .object(item)]
        case "PutItem": try put(input, &state)
        case "UpdateItem": return try update(input, &state)
        case "DeleteItem": state.items[Self.key(of: input["Key"]?.object)] = nil
        case "Query": return try query(input, state)
        case "TransactWriteItems": try transact(input, &state)
        case "DescribeTable": return ["Table": ["TableName": .string(name), "TableStatus": "ACTIVE"]]
        default: throw Self.error("UnknownOperationException", operation)
        }
        return [:]
    }

    // MARK: - Writes

    private func put(_ input: JSONObject, _ state: inout State) throws {
        guard let item = input["Item"]?.object else { throw Self.error("ValidationException", "no Item") }
        let key = Self.key(of: item)
        try check(input, state.items[key] ?? JSONObject())
        state.items[key] = item
    }

    private func update(_ input: JSONObject, _ state: inout State) throws -> JSONObject {
        let keyAttributes = input["Key"]?.object ?? JSONObject()
        let key = Self.key(of: keyAttributes)
        var item = state.items[key] ?? JSONObject()
        try check(input, item)
        var expression = self.expression(input["UpdateExpression"]?.string ?? "", input)
        let touched = try expression.update(&item)
        for (name, value) in keyAttributes { item[name] = value }
        state.items[key] = item
        guard input["ReturnValues"]?.string == "UPDATED_NEW" else { return [:] }
        var attributes = JSONObject()
        for name in touched { attributes[name] = item[name] }
        return ["Attributes": .object(attributes)]
    }

    private func check(_ input: JSONObject, _ item: JSONObject) throws {
        guard let text = input["ConditionExpression"]?.string else { return }
        var expression = expression(text, input)
        guard try expression.condition(item) else {
            throw Self.error("ConditionalCheckFailedException", "The conditional request failed")
        }
    }

    private func transact(_ input: JSONObject, _ state: inout State) throws {
        var draft = state
        var reasons: [JSONValue] = []
        var failed = false
        for action in input["TransactItems"]?.array ?? [] {
            do {
                if let put = action["Put"]?.object { try self.put(put, &draft) }
                if let update = action["Update"]?.object { _ = try self.update(update, &draft) }
                reasons.append(["Code": "None"])
            } catch let error as AWSServiceError where error.code == "ConditionalCheckFailedException" {
                failed = true
                reasons.append(["Code": "ConditionalCheckFailed", "Message": .string(error.message)])
            }
        }
        guard !failed else {
            throw Self.error(
                "TransactionCanceledException", "Transaction cancelled",
                body: ["CancellationReasons": .array(reasons)])
        }
        state.items = draft.items
    }

    // MARK: - Query

    private func query(_ input: JSONObject, _ state: State) throws -> JSONObject {
        let (hash, range) =
            switch input["IndexName"]?.string {
            case nil: ("PK", "SK")
            case "GSI1": ("GSI1PK", "GSI1SK")
            case "GSI2": ("GSI2PK", "counterValue")
            case let other?: throw Self.error("ValidationException", "no index \(other)")
            }
        var matching = try state.items.values.filter { item in
            guard item[hash] != nil, item[range] != nil else { return false }
            var condition = expression(input["KeyConditionExpression"]?.string ?? "", input)
            return try condition.condition(item)
        }
        let forward = input["ScanIndexForward"]?.bool ?? true
        matching.sort { Self.precedes($0, $1, range) == forward }
        if let start = input["ExclusiveStartKey"]?.object {
            matching.removeAll {
                $0 == start || Self.precedes($0, start, range) == forward || Self.same($0, start)
            }
        }
        let limit = input["Limit"]?.int ?? matching.count
        let looked = Array(matching.prefix(limit))
        let kept = try looked.filter { item in
            guard let text = input["FilterExpression"]?.string else { return true }
            var filter = expression(text, input)
            return try filter.condition(item)
        }
        var answer: JSONObject = [
            "Items": .array(kept.map { .object($0) }), "Count": .number(JSONNumber(kept.count)),
            "ScannedCount": .number(JSONNumber(looked.count)),
        ]
        // DynamoDB cannot know at the limit whether more follows, so it says so even at the very end.
        if let last = looked.last, looked.count == limit, input["Limit"] != nil {
            var key = JSONObject()
            for name in Set(["PK", "SK", hash, range]).sorted() { key[name] = last[name] }
            answer["LastEvaluatedKey"] = .object(key)
        }
        return answer
    }

    private static func precedes(_ a: JSONObject, _ b: JSONObject, _ range: String) -> Bool {
        for name in [range, "PK", "SK"] {
            guard let left = a[name], let right = b[name] else { continue }
            if let order = FakeExpression.order(left, right), order != 0 { return order < 0 }
        }
        return false
    }

    private static func same(_ a: JSONObject, _ b: JSONObject) -> Bool {
        a["PK"] == b["PK"] && a["SK"] == b["SK"]
    }

    // MARK: - Small parts

    private func expression(_ text: String, _ input: JSONObject) -> FakeExpression {
        FakeExpression(
            text, names: input["ExpressionAttributeNames"]?.object,
            values: input["ExpressionAttributeValues"]?.object)
    }

    private static func key(_ partition: String, _ sort: String) -> String { partition + "\u{0}" + sort }

    private static func key(of item: JSONObject?) -> String {
        key(item?["PK"]?["S"]?.string ?? "", item?["SK"]?["S"]?.string ?? "")
    }

    static func error(_ code: String, _ message: String, body: JSONValue? = nil) -> AWSServiceError {
        AWSServiceError(code: code, status: 400, message: message, body: body, retryable: false)
    }
}
