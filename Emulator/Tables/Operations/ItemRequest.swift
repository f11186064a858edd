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

    /// Checks each parameter on its own.
    /// - Parameters:
    ///   - hasSubject: whether the request has its key or item, the parameter named `subject`.
    ///   - stopsEarly: whether a wrong mode is reported alone, as UpdateItem does.
    func check(
        _ hasSubject: Bool, at subject: String, _ legacy: LegacyParameters, stopsEarly: Bool = false
    ) throws {
        if tableName?.isEmpty == true {
            throw TableErrors.validation(
                "Value at 'TableName' failed to satisfy constraint: Member must have length greater than or "
                    + "equal to 1")
        }
        var constraints = Constraints()
        // A name that is wrong is reported alone.
        constraints.name(tableName, at: "tableName", required: false)
        try constraints.check()
        if stopsEarly {
            constrainReturnValues(&constraints)
            try constraints.check()
            constrainCapacity(&constraints)
            try constraints.check()
            constrainMetrics(&constraints)
            try constraints.check()
            constrainOnFailure(&constraints)
            try constraints.check()
            constraints.notNull(tableName != nil, at: "tableName")
        } else {
            constrainCapacity(&constraints)
            constraints.notNull(tableName != nil, at: "tableName")
            constrainMetrics(&constraints)
            constrainReturnValues(&constraints)
            constrainOnFailure(&constraints)
        }
        constraints.notNull(hasSubject, at: subject)
        legacy.constrain(&constraints)
        try constraints.check()
    }

    private func constrainReturnValues(_ constraints: inout Constraints) {
        guard let returnValues, !Self.returnValues.contains(returnValues) else { return }
        // Word for word, slips included.
        constraints.fail(
            "Value '\(returnValues)' at 'returnValues' Failed to satisfy constraint: Member must satisfy enum "
                + "value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]")
    }
    private static let returnValues = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]

    private func constrainCapacity(_ constraints: inout Constraints) {
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
    }

    private func constrainMetrics(_ constraints: inout Constraints) {
        constraints.member(metrics, of: Constraints.metricsLevels, at: "returnItemCollectionMetrics")
    }

    private func constrainOnFailure(_ constraints: inout Constraints) {
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

    init(table: Table, level: CapacityLevel, wantsMetrics: Bool) {
        self.table = table
        self.level = level
        self.wantsMetrics = wantsMetrics
    }

    init(_ table: Table, _ options: WriteOptions) {
        self.init(table: table, level: options.level, wantsMetrics: options.wantsMetrics)
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
