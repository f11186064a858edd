import Expressions
import JSON
import Store

/// BatchGetItem (Amazon DynamoDB API Reference): up to 100 keys of several tables.
struct BatchGetItem: TableOperation {
    static let maximumKeys = 100
    /// Bytes of items in one answer; the rest comes back as unprocessed.
    static let maximumBytes = 16 << 20

    struct Request: Sendable {
        let table: Table
        let keys: [(attributes: Item, key: [UInt8])]
        let projection: ProjectionExpression?
        let isConsistent: Bool
        /// The name as the request gave it, and the request itself without its keys.
        let name: String
        let rest: JSONObject
    }

    struct Plan: Sendable {
        let requests: [Request]
        let level: CapacityLevel
    }

    struct Input: Sendable {
        let name: String
        let keys: Result<[(key: Item, text: JSONValue)], ValidationError>?
        let isConsistent: Bool
        let expressions: ExpressionParameters
        let rest: JSONObject
    }

    let inputs: [Input]?
    let capacity: String?
    /// `RequestItems` as it came, for a text that echoes it; empty unless a name is wrong.
    private let original: String

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        guard let value = input["RequestItems"] else {
            inputs = nil
            original = ""
            return
        }
        let element = "com.amazonaws.dynamodb.v20120810.KeysAndAttributes"
        var inputs: [Input] = []
        for (name, request) in try JSONShape.map(value, element: element) {
            let reader = InputReader(try JSONShape.structure(request, "KeysAndAttributes"))
            var rest = reader.object
            rest.removeValue(forKey: "Keys")
            inputs.append(
                Input(
                    name: name, keys: try Self.keys(reader),
                    isConsistent: try reader.bool("ConsistentRead") ?? false,
                    expressions: try ExpressionParameters(
                        reader, ["ProjectionExpression"], legacy: [.attributesToGet]), rest: rest))
        }
        self.inputs = inputs
        let areNames = inputs.allSatisfy { Constraints.isTableName($0.name) }
        original = areNames ? "" : value.encodedString()
    }

    private static func keys(
        _ reader: InputReader
    ) throws(ValidationError) -> Result<[(key: Item, text: JSONValue)], ValidationError>? {
        guard let list = try reader.list("Keys") else { return nil }
        var keys: [(key: Item, text: JSONValue)] = []
        var failure: ValidationError?
        for json in list {
            try JSONShape.checkNested(json)
            // All of them are read: a wrong type in the last counts before a wrong value in the first.
            switch try InputReader.later({ () throws(ValidationError) in try Item(json: json) }) {
            case .success(let key): keys.append((key, json))
            case .failure(let error): failure = failure ?? error
            }
        }
        return failure.map { .failure($0) } ?? .success(keys)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.notNull(inputs != nil, at: "requestItems")
        if (inputs ?? []).contains(where: { !Constraints.isTableName($0.name) }) {
            constraints.fail(original, at: "requestItems", map: "keys", Constraints.tableNameRules)
        }
        for input in inputs ?? [] {
            let path = "requestItems.\(input.name).member."
            constraints.notNull(input.keys != nil, at: "\(path)keys")
            input.expressions.legacy.constrain(&constraints, prefix: path)
        }
        try constraints.check()
        guard let inputs, !inputs.isEmpty else {
            throw TableErrors.validation("The requestItems parameter is required for BatchGetItem")
        }
        try checkCounts(inputs)
        var checked: [(input: Input, keys: [Item], projection: ProjectionExpression?)] = []
        for input in inputs {
            var attributes = try input.expressions.attributes()
            let keys = try distinctKeys(input)
            let projection = try input.expressions.projection(&attributes)
            try attributes.checkAllUsed()
            checked.append((input, keys, projection))
        }
        var requests: [Request] = []
        for (input, keys, projection) in checked {
            requests.append(try request(input, keys, projection, environment))
        }
        return Plan(requests: requests, level: CapacityLevel(capacity))
    }

    private func checkCounts(_ inputs: [Input]) throws {
        var total = 0
        for input in inputs {
            guard case .success(let keys)? = input.keys else { continue }
            total += keys.count
            guard !keys.isEmpty else {
                throw TableErrors.validation(
                    "1 validation error detected: Value '[]' at "
                        + "'requestItems.\(input.name).member.keys' failed to satisfy constraint: Member "
                        + "must have length greater than or equal to 1")
            }
            guard keys.count <= Self.maximumKeys else {
                throw TableErrors.validation(
                    "1 validation error detected: Value at 'RequestItems.\(input.name).member.Keys' "
                        + "failed to satisfy constraint: Member must have length less than or equal to "
                        + "\(Self.maximumKeys)"
                )
            }
        }
        guard total <= Self.maximumKeys else {
            throw TableErrors.validation("Too many items requested for the BatchGetItem call")
        }
    }

    /// AWS compares keys as they are written: `1` and `1.0` both pass, and yield one item.
    private func distinctKeys(_ input: Input) throws -> [Item] {
        var texts: Set<JSONValue> = []
        return try (input.keys?.get() ?? []).map { key, text in
            let members = text.object ?? JSONObject()
            let sorted = key.names.flatMap { [.string($0), members[$0] ?? .null] }
            guard texts.insert(.array(sorted)).inserted else {
                throw TableErrors.validation("Provided list of item keys contains duplicates")
            }
            return key
        }
    }

    private func request(
        _ input: Input, _ keys: [Item], _ projection: ProjectionExpression?, _ environment: TableEnvironment
    ) throws -> Request {
        let table = try environment.catalog.table(InputReader.tableName(input.name))
        var seen: Set<[UInt8]> = []
        var located: [(attributes: Item, key: [UInt8])] = []
        for key in keys {
            try table.check(key: key)
            let bytes = KeyEncoding.itemKey(table, key)
            if seen.insert(bytes).inserted { located.append((key, bytes)) }
        }
        try table.check(paths: projection?.paths ?? [])
        return Request(
            table: table, keys: located, projection: projection, isConsistent: input.isConsistent,
            name: input.name, rest: input.rest)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        var responses = JSONObject()
        var unprocessed = JSONObject()
        var capacities: [JSONValue] = []
        var (bytes, isFull) = (0, false)
        try environment.store.read { snapshot in
            for request in plan.requests {
                var found: [JSONValue] = []
                var left: [JSONValue] = []
                var consumption = Consumption()
                for (attributes, key) in request.keys {
                    let item = isFull ? nil : try ItemWriter.read(snapshot, key)
                    let size = item?.itemSize ?? 0
                    isFull = isFull || bytes + size > maximumBytes
                    guard !isFull else {
                        left.append(attributes.json)
                        continue
                    }
                    bytes += size
                    consumption.table += Consumption.read(bytes: size, isConsistent: request.isConsistent)
                    if let item { found.append((request.projection?.project(item) ?? item).json) }
                }
                responses.append(request.name, .array(found))
                if !left.isEmpty {
                    var rest = request.rest
                    rest["Keys"] = .array(left)
                    unprocessed.append(request.name, .object(rest))
                }
                if let json = consumption.json(table: request.table.name, level: plan.level) {
                    capacities.append(json)
                }
            }
        }
        var object = JSONObject()
        object.append("Responses", .object(responses))
        object.append("UnprocessedKeys", .object(unprocessed))
        if !capacities.isEmpty { object.append("ConsumedCapacity", .array(capacities)) }
        return .object(object)
    }
}
