import AWSClients
import Clock
import JSON

/// The single table through `any DynamoDBCalling`, with failures already translated for the client.
public struct MumbleTable: Sendable {
    public let name: String
    public let database: any DynamoDBCalling

    public init(name: String, database: any DynamoDBCalling) {
        self.name = name
        self.database = database
    }

    /// One call; `TableName` is added.
    public func call(_ operation: String, _ input: JSONObject) throws(HandlerError) -> JSONValue {
        do {
            return try rawCall(operation, input)
        } catch {
            throw HandlerError(table: error, operation: operation)
        }
    }

    /// As `call`, for callers that read the service's own error, such as a failed condition.
    public func rawCall(_ operation: String, _ input: JSONObject) throws(AWSServiceError) -> JSONValue {
        var named = input
        named["TableName"] = .string(name)
        return try database.call(operation, named)
    }

    /// The item, or nil. Strongly consistent, so a handler sees what it or its neighbour just wrote.
    public func item(_ key: TableKey) throws(HandlerError) -> JSONObject? {
        let answer = try call("GetItem", ["Key": .object(key.attributes), "ConsistentRead": true])
        return answer["Item"]?.object
    }

    /// The item, or nil when absent **or expired**: DynamoDB deletes expired items late, up to days.
    public func freshItem(_ key: TableKey, at now: Timestamp) throws(HandlerError) -> JSONObject? {
        guard let item = try item(key) else { return nil }
        return Self.isExpired(item, at: now) ? nil : item
    }

    /// An item is expired from the second its `ttl` names.
    public static func isExpired(_ item: JSONObject, at now: Timestamp) -> Bool {
        guard let ttl = item[AttributeName.timeToLive]?.attributeN else { return false }
        return Int64(ttl) <= now.seconds
    }

    public func put(_ item: JSONObject) throws(HandlerError) {
        _ = try call("PutItem", ["Item": .object(item)])
    }

    public func delete(_ key: TableKey) throws(HandlerError) {
        _ = try call("DeleteItem", ["Key": .object(key.attributes)])
    }

    /// Puts that happen all or not at all, at most 100.
    public func putAll(_ items: [JSONObject]) throws(HandlerError) {
        let actions = items.map { item -> JSONValue in
            ["Put": ["TableName": .string(name), "Item": .object(item)]]
        }
        do {
            _ = try database.call("TransactWriteItems", ["TransactItems": .array(actions)])
        } catch {
            throw HandlerError(table: error, operation: "TransactWriteItems")
        }
    }
}
