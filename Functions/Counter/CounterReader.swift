import AWSClients
import JSON
import Mumble

/// Reads counters.
struct CounterReader: Sendable {
    let table: MumbleTable

    init(_ table: MumbleTable) { self.table = table }

    /// GET /counter/{resource_id}/{counter_type}. What nobody counted yet is 0, not an error.
    func value(_ path: Inputs) throws(HandlerError) -> Answer {
        let resource = try path["resource_id"].requiredText(.resourceID)
        let type = try path["counter_type"].requiredText(.counterType)
        let item = try table.item(.counter(resource: resource, type: type))
        return .ok([
            "resource_id": .string(resource), "counter_type": .string(type),
            "current_value": .number(JSONNumber(item?[AttributeName.counterValue]?.attributeN ?? 0)),
            "updated_at": item?["updatedAt"]?.attributeS.map { .string($0) } ?? .null,
        ])
    }

    /// GET /counter/top: the greatest values of a type, from GSI2. An index follows its table a moment later.
    func top(_ query: Inputs) throws(HandlerError) -> Answer {
        let type = try query["counter_type"].requiredText(.counterType)
        let limit = try query["limit"].integer(in: 1...CounterRules.maximumTop) ?? CounterRules.defaultTop
        let answer = try table.call(
            "Query",
            [
                "IndexName": .string(AttributeName.counterIndex),
                "KeyConditionExpression": "GSI2PK = :index",
                "ExpressionAttributeValues": [":index": Attribute.s(TableKey.counterTypeIndex(type))],
                "ScanIndexForward": false,
                "Limit": .number(JSONNumber(limit)),
            ])
        let items = (answer["Items"]?.array ?? []).enumerated().map { rank, item -> JSONValue in
            [
                "rank": .number(JSONNumber(rank + 1)), "resource_id": .string(resourceID(item)),
                "current_value": .number(JSONNumber(item[AttributeName.counterValue]?.attributeN ?? 0)),
            ]
        }
        return .ok(["counter_type": .string(type), "items": .array(items)])
    }

    /// GET /counter/stats: all counters of a resource.
    func stats(_ query: Inputs) throws(HandlerError) -> Answer {
        let resource = try query["resource_id"].requiredText(.resourceID)
        var counters = JSONObject()
        var total = 0
        var start: JSONValue?
        repeat {
            var input: JSONObject = [
                "KeyConditionExpression": "PK = :resource AND begins_with(SK, :type)",
                "ExpressionAttributeValues": [
                    ":resource": Attribute.s(TableKey.counterPartition(resource)),
                    ":type": Attribute.s(TableKey.counterSortPrefix),
                ],
                "ConsistentRead": true,
            ]
            input["ExclusiveStartKey"] = start
            let answer = try table.call("Query", input)
            for item in answer["Items"]?.array ?? [] {
                let value = item[AttributeName.counterValue]?.attributeN ?? 0
                let sort = item["SK"]?.attributeS ?? ""
                counters[String(sort.dropFirst(TableKey.counterSortPrefix.count))] = .number(
                    JSONNumber(value))
                total += value
            }
            start = answer["LastEvaluatedKey"]
        } while start != nil
        return .ok([
            "resource_id": .string(resource), "total": .number(JSONNumber(total)),
            "counters": .object(counters),
        ])
    }

    private func resourceID(_ item: JSONValue) -> String {
        String((item["PK"]?.attributeS ?? "").dropFirst(TableKey.counterPartition("").count))
    }
}
