import AWSProtocol
import Expressions
import JSON

/// Parameters that PutItem, UpdateItem and DeleteItem share.
struct WriteOptions: Sendable {
    let tableName: String?
    let returnValues: String?
    let returnOnFailure: String?
    let capacity: String?
    let metrics: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        returnValues = try input.string("ReturnValues")
        returnOnFailure = try input.string("ReturnValuesOnConditionCheckFailure")
        capacity = try input.string("ReturnConsumedCapacity")
        metrics = try input.string("ReturnItemCollectionMetrics")
    }

    func constrain(_ constraints: inout Constraints) {
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.name(tableName, at: "tableName")
        constraints.member(metrics, of: Constraints.metricsLevels, at: "returnItemCollectionMetrics")
        constraints.member(returnValues, of: Constraints.returnValues, at: "returnValues")
        constraints.member(
            returnOnFailure, of: Constraints.conditionFailureValues, at: "returnValuesOnConditionCheckFailure"
        )
    }

    /// PutItem and DeleteItem have no other modes.
    func checkOldOrNone() throws {
        guard let returnValues, returnValues != "ALL_OLD", returnValues != "NONE" else { return }
        throw TableErrors.validation("ReturnValues can only be ALL_OLD or NONE")
    }

    var returnsItemOnFailure: Bool { returnOnFailure == "ALL_OLD" }
    var level: CapacityLevel { CapacityLevel(capacity) }
    var wantsMetrics: Bool { metrics == "SIZE" }
}

/// What the answer of a single-item write is made of.
struct WriteResponse: Sendable {
    let table: Table
    let level: CapacityLevel
    let wantsMetrics: Bool

    init(_ table: Table, _ options: WriteOptions) {
        self.table = table
        level = options.level
        wantsMetrics = options.wantsMetrics
    }

    func json(attributes: Item?, key: Item, _ consumption: Consumption) -> JSONValue {
        var object = JSONObject()
        if let attributes { object.append("Attributes", attributes.json) }
        if let capacity = consumption.json(table: table.name, level: level) {
            object.append("ConsumedCapacity", capacity)
        }
        if let metrics = ItemWriter.collectionMetrics(table, key: key, wanted: wantsMetrics) {
            object.append("ItemCollectionMetrics", metrics)
        }
        return .object(object)
    }
}

/// A condition on one item, and what to say when it fails.
struct ItemCondition: Sendable {
    let expression: ConditionExpression?
    let returnsItem: Bool

    func check(_ item: Item?) throws {
        guard let expression, !expression.evaluate(item ?? [:]) else { return }
        throw TableErrors.conditionFailed(returnsItem ? item : nil)
    }
}
