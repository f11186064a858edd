import Expressions
import JSON
import PartiQL
import Store

/// ExecuteStatement (Amazon DynamoDB API Reference): one PartiQL statement.
struct ExecuteStatement: TableOperation {
    static let maximumTokenLength = 32_768

    struct Plan: Sendable {
        enum Work: Sendable {
            case select(SelectPlan, from: SelectPosition?, limit: Int?)
            case write(StatementWrite)
        }

        let work: Work
        let table: Table
        let input: StatementInput
        let level: CapacityLevel
    }

    let input: StatementInput
    let limit: Int?
    let nextToken: String?
    let capacity: String?

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try StatementInput(input)
        limit = try input.integer("Limit")
        nextToken = try input.string("NextToken")
        capacity = try input.string("ReturnConsumedCapacity")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.range(limit, at: "limit", from: 1)
        constraints.length(nextToken, at: "nextToken", from: 1, to: Self.maximumTokenLength)
        input.constrain(&constraints)
        try constraints.check()
        let statement = try input.statement()
        if case .exists = statement { throw TableErrors.misplacedExists }
        let table = try statement.source.table(environment)
        let work: Plan.Work
        if case .select(let select) = statement {
            let plan = try SelectPlan(select, table, isConsistent: input.isConsistent)
            let start = try nextToken.map { try SelectToken(source: plan.source, input: input).decode($0) }
            work = .select(plan, from: start, limit: limit)
        } else {
            guard nextToken == nil else { throw TableErrors.validation("NextToken does not match request") }
            work = .write(
                try StatementWrite(statement, table, returnsItemOnFailure: input.returnsItemOnFailure))
        }
        return Plan(work: work, table: table, input: input, level: CapacityLevel(capacity))
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        switch plan.work {
        case .select(let select, let start, let limit):
            let result = try environment.store.read { try select.page($0, from: start, limit: limit) }
            var object = answer(result.rows, result.consumption, plan)
            if let next = result.next {
                let token = SelectToken(source: select.source, input: plan.input)
                object.append("NextToken", .string(token.encode(next)))
                if let key = next.key { object.append("LastEvaluatedKey", key.json) }
            }
            return .object(object)
        case .write(let write):
            let outcome = try await environment.store.commit { try write.run(in: $0) }
            return .object(answer(outcome.items.map(\.json), outcome.consumption, plan))
        }
    }

    private static func answer(_ rows: [JSONValue], _ consumption: Consumption, _ plan: Plan) -> JSONObject {
        var object = JSONObject()
        object.append("Items", .array(rows))
        if let capacity = consumption.json(table: plan.table.name, level: plan.level) {
            object.append("ConsumedCapacity", capacity)
        }
        return object
    }
}

extension TableErrors {
    static let misplacedExists = validation("EXISTS can only be used in ExecuteTransaction write requests.")
}
