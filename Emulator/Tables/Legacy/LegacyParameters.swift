import Expressions
import JSON

/// The parameters from before there were expressions (Amazon DynamoDB Developer Guide, "Legacy conditional
/// parameters"), as one request brings them. Each becomes the tree that an expression would have become, so
/// there is one evaluator. Attribute names are literal here: a dot in one is part of the name.
struct LegacyParameters: Sendable {
    /// Raw values are AWS's names.
    enum Parameter: String, Sendable {
        case attributesToGet = "AttributesToGet"
        case attributeUpdates = "AttributeUpdates"
        case conditionalOperator = "ConditionalOperator"
        case expected = "Expected"
        case keyConditions = "KeyConditions"
        case queryFilter = "QueryFilter"
        case scanFilter = "ScanFilter"

        var path: String { rawValue.prefix(1).lowercased() + rawValue.dropFirst() }
    }

    /// In the order in which AWS names them.
    private let present: [Parameter]
    private let attributesToGet: [String]?
    private let attributeUpdates: [LegacyUpdate]?
    private let expected: [LegacyExpectation]?
    /// QueryFilter or ScanFilter: no operation has both.
    private let filter: (parameter: Parameter, conditions: [LegacyCondition])?
    private let keyConditions: [LegacyCondition]?
    private let conditionalOperator: String?

    /// - Parameter parameters: those that the operation knows, in the order in which AWS names them; others are
    ///   members that AWS does not know either, and passes over.
    init(_ input: InputReader, _ parameters: [Parameter]) throws(ValidationError) {
        let present = parameters.filter { input[$0.rawValue] != nil }
        func given(_ parameter: Parameter) -> String? {
            present.contains(parameter) ? parameter.rawValue : nil
        }
        self.present = present
        attributesToGet = try given(.attributesToGet).flatMap(input.strings)
        attributeUpdates = try given(.attributeUpdates).flatMap { name throws(ValidationError) in
            try input.entries(name, of: "AttributeValueUpdate", LegacyUpdate.init)
        }
        expected = try given(.expected).flatMap { name throws(ValidationError) in
            try input.entries(name, of: "ExpectedAttributeValue", LegacyExpectation.init)
        }
        keyConditions = try given(.keyConditions).flatMap { name throws(ValidationError) in
            try input.entries(name, of: "Condition", LegacyCondition.init)
        }
        let filters = present.filter { $0 == .queryFilter || $0 == .scanFilter }
        filter = try filters.first.flatMap { parameter throws(ValidationError) in
            (parameter, try input.entries(parameter.rawValue, of: "Condition", LegacyCondition.init) ?? [])
        }
        conditionalOperator = try given(.conditionalOperator).flatMap(input.string)
    }

    var hasKeyConditions: Bool { keyConditions != nil }
    var hasFilter: Bool { filter != nil }

    /// The constraints of the service model.
    /// - Parameter prefix: what stands before the member's name in error texts.
    func constrain(_ constraints: inout Constraints, prefix: String = "") {
        if let attributesToGet {
            constraints.length(
                attributesToGet.count, shown: "[\(attributesToGet.joined(separator: ", "))]",
                at: "\(prefix)attributesToGet", from: 1, to: .max)
        }
        if let filter { Self.constrain(filter.conditions, at: filter.parameter, &constraints) }
        constraints.member(conditionalOperator, of: ["OR", "AND"], at: "conditionalOperator")
        if let keyConditions { Self.constrain(keyConditions, at: .keyConditions, &constraints) }
        for expectation in expected ?? [] {
            constraints.member(
                expectation.condition.comparison, of: LegacyOperator.names,
                at: "expected.\(expectation.condition.attribute).member.comparisonOperator")
        }
        for update in attributeUpdates ?? [] {
            constraints.member(
                update.action, of: LegacyUpdate.actions,
                at: "attributeUpdates.\(update.attribute).member.action")
        }
    }

    private static func constrain(
        _ conditions: [LegacyCondition], at parameter: Parameter, _ constraints: inout Constraints
    ) {
        for condition in conditions {
            let path = "\(parameter.path).\(condition.attribute).member.comparisonOperator"
            constraints.notNull(condition.comparison != nil, at: path)
            constraints.member(condition.comparison, of: LegacyOperator.names, at: path)
        }
    }

    /// The parameters against each other and against the expressions of the request. KeyConditions go with
    /// every expression but KeyConditionExpression.
    /// - Parameter expressions: names of the expression parameters in use, in the order AWS names them.
    func check(against expressions: [String]) throws(ValidationError) {
        let clashing =
            expressions.contains("KeyConditionExpression") ? present : present.filter { $0 != .keyConditions }
        if !expressions.isEmpty && !clashing.isEmpty {
            throw ValidationError(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {\(clashing.map(\.rawValue).joined(separator: ", "))} "
                    + "Expression parameters: {\(expressions.joined(separator: ", "))}")
        }
        guard conditionalOperator != nil else { return }
        switch expected?.count ?? filter?.conditions.count ?? 0 {
        case 0: throw ValidationError("ConditionalOperator cannot be used without Filter or Expected")
        case 1:
            throw ValidationError(
                "ConditionalOperator can only be used when Filter or Expected has two or more elements")
        default: return
        }
    }

    // MARK: translation

    /// No attribute can have an empty name or a longer one; they could otherwise be made with AttributeUpdates.
    static func check(name: String) throws(ValidationError) {
        guard !name.isEmpty else { throw ValidationError("Empty attribute name") }
        guard name.utf8.count <= AttributeMap.maximumNameBytes else { throw AttributeMap.nameTooLong }
    }

    /// Expected, QueryFilter or ScanFilter; nil when there is none or it asks nothing.
    func condition() throws(ValidationError) -> ConditionExpression? {
        var members: [(attribute: String, condition: Condition)] = []
        for expectation in expected ?? [] {
            members.append((expectation.condition.attribute, try expectation.translated()))
        }
        for condition in filter?.conditions ?? [] {
            members.append((condition.attribute, try condition.translated()))
        }
        guard let first = members.first else { return nil }
        let all = members.map(\.condition)
        let root = all.count == 1 ? first.condition : conditionalOperator == "OR" ? .or(all) : .and(all)
        return ConditionExpression(root: root, paths: members.map { DocumentPath(head: $0.attribute) })
    }

    /// KeyConditions; nil when there are none.
    func keyTests() throws(ValidationError) -> [KeyCondition]? {
        guard let keyConditions else { return nil }
        var tests: [KeyCondition] = []
        for condition in keyConditions { tests.append(try condition.keyTest()) }
        guard (1...2).contains(tests.count) else {
            throw ValidationError("Conditions can be of length 1 or 2 only")
        }
        return tests
    }

    /// AttributesToGet; nil when there are none.
    func projection() throws(ValidationError) -> ProjectionExpression? {
        guard let attributesToGet else { return nil }
        for name in attributesToGet { try Self.check(name: name) }
        var seen: Set<DocumentPath> = []
        for name in attributesToGet where !seen.insert(DocumentPath(head: name)).inserted {
            throw ValidationError(
                "One or more parameter values were invalid: Duplicate value in attribute name: \(name)")
        }
        return ProjectionExpression(paths: attributesToGet.map { DocumentPath(head: $0) })
    }

    /// AttributeUpdates; nil when there are none, which leaves an update that only makes sure of the item.
    func update() throws(ValidationError) -> UpdateExpression? {
        guard let attributeUpdates, !attributeUpdates.isEmpty else { return nil }
        var actions: [UpdateExpression.Action] = []
        for update in attributeUpdates { actions.append(try update.translated()) }
        return UpdateExpression(
            actions: actions, mismatch: ValidationError("Type mismatch for attribute to update"))
    }

    /// Every value that AttributeUpdates carry, whatever the action does with it: AWS checks the types of index
    /// keys on these before it looks at the item.
    func updateValues() throws(ValidationError) -> Item {
        var values = Item()
        for update in attributeUpdates ?? [] { values[update.attribute] = try update.value?.get() }
        return values
    }
}

extension InputReader {
    /// A map from attribute names to structures of the service model.
    func entries<T>(
        _ name: String, of type: String, _ entry: (String, InputReader) throws(ValidationError) -> T
    ) throws(ValidationError) -> [T]? {
        guard let value = self[name] else { return nil }
        var result: [T] = []
        let map = try JSONShape.map(value, element: "com.amazonaws.dynamodb.v20120810.\(type)")
        for (attribute, json) in map {
            result.append(try entry(attribute, InputReader(try JSONShape.structure(json, type))))
        }
        return result
    }

    /// One value; its faults are kept for later unless it has the wrong JSON type.
    func attributeValue(_ name: String) throws(ValidationError) -> Result<AttributeValue, ValidationError>? {
        guard let value = self[name] else { return nil }
        _ = try JSONShape.field(value, "AttributeValue")
        return try Self.later { () throws(ValidationError) in try AttributeValue(json: value) }
    }

    func attributeValues(
        _ name: String
    ) throws(ValidationError) -> Result<[AttributeValue], ValidationError>? {
        guard let list = try list(name) else { return nil }
        return try Self.later { () throws(ValidationError) in
            var values: [AttributeValue] = []
            for value in list { values.append(try AttributeValue(json: value)) }
            return values
        }
    }
}
