import AWSProtocol
import Expressions
import JSON
import PartiQL
import Store

/// BatchExecuteStatement (Amazon DynamoDB API Reference): up to 25 statements that all read or all write. Each
/// fails or succeeds on its own; the answers stand in the order of the statements.
struct BatchExecuteStatement: TableOperation {
    static let maximumStatements = 25

    struct Get: Sendable {
        let table: Table
        let key: [UInt8]
        let statement: SelectStatement
        let isConsistent: Bool
    }

    enum Work: Sendable {
        case get(Get)
        case write(StatementWrite)

        var table: Table {
            switch self {
            case .get(let get): get.table
            case .write(let write): write.action.table
            }
        }

        var key: [UInt8]? {
            switch self {
            case .get(let get): get.key
            case .write(let write): write.action.key
            }
        }
    }

    /// What to do for a statement, or the answer when it is refused at once.
    enum Member: Sendable {
        case work(Work)
        case refused(JSONValue)
    }

    struct Plan: Sendable {
        let members: [Member]
        let isRead: Bool
        let level: CapacityLevel
    }

    let statements: [StatementInput]?
    let capacity: String?

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        statements = try StatementInput.list(input, "Statements", "BatchStatementRequest")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        StatementInput.constrain(
            statements, &constraints, at: "statements", maximum: Self.maximumStatements)
        try constraints.check()
        let inputs = statements ?? []
        let parsed = inputs.map { input in Result { try input.statement() } }
        let kinds = Set(parsed.compactMap { try? $0.get().isRead })
        guard kinds.count < 2 else {
            throw TableErrors.validation(
                "Read and write requests together in the same batch is not supported.")
        }
        var members: [Member] = []
        var seen: Set<[UInt8]> = []
        for (input, statement) in zip(inputs, parsed) {
            let member = Self.member(input, statement, environment)
            if case .work(let work) = member, let key = work.key, !seen.insert(key).inserted {
                throw TableErrors.validation("Provided list of item keys contains duplicates")
            }
            members.append(member)
        }
        return Plan(members: members, isRead: kinds.contains(true), level: CapacityLevel(capacity))
    }

    private static func member(
        _ input: StatementInput, _ parsed: Result<PartiQLStatement, any Error>,
        _ environment: TableEnvironment
    ) -> Member {
        do {
            let statement = try parsed.get()
            let table = try statement.source.table(environment)
            switch statement {
            case .exists: throw TableErrors.misplacedExists
            case .select(let select):
                return .work(.get(try get(select, table, isConsistent: input.isConsistent)))
            default:
                // AWS takes the wish for the item of a failed condition here, and does not fulfil it.
                return .work(.write(try StatementWrite(statement, table, returnsItemOnFailure: false)))
            }
        } catch {
            let failure = TableErrors.from(error)
            let name = (try? parsed.get().source.table).map(InputReader.tableName)
            return .refused(
                answer(failure, table: failure.code == "ValidationException" ? nil : name))
        }
    }

    /// Each reads one item, by its key alone.
    private static func get(_ select: SelectStatement, _ table: Table, isConsistent: Bool) throws -> Get {
        guard select.source.index == nil,
            let key = try KeyBranches(select.condition?.root, table.keys).singleKey
        else {
            throw TableErrors.validation(
                "Select statements within BatchExecuteStatement must specify the primary key in the where "
                    + "clause.")
        }
        try table.check(key: key)
        try table.check(paths: (select.columns ?? []).map(\.path))
        return Get(
            table: table, key: KeyEncoding.itemKey(table, key), statement: select, isConsistent: isConsistent)
    }

    private static func answer(_ failure: AWSError, table: String?) -> JSONValue {
        var error = JSONObject()
        error.append("Code", .string(code(failure.code)))
        if let message = failure.message { error.append("Message", .string(message)) }
        var object = JSONObject()
        object.append("Error", .object(error))
        if let table { object.append("TableName", .string(table)) }
        return .object(object)
    }

    /// Batches have short names for errors.
    private static func code(_ name: String) -> String {
        switch name {
        case "ValidationException": "ValidationError"
        case "DuplicateItemException": "DuplicateItem"
        default: name.hasSuffix("Exception") ? String(name.dropLast("Exception".count)) : name
        }
    }

    private static func answer(_ item: Item?, table: Table) -> JSONValue {
        var object = JSONObject()
        if let item { object.append("Item", item.json) }
        object.append("TableName", .string(table.name))
        return .object(object)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        guard plan.members.contains(where: { if case .work = $0 { true } else { false } }) else {
            return json(plan.members.map { if case .refused(let answer) = $0 { answer } else { .null } })
        }
        guard plan.isRead else {
            return try await environment.store.commit { try write(plan, $0) }
        }
        var report = BatchReport()
        var responses: [JSONValue] = []
        try environment.store.read { snapshot in
            for member in plan.members {
                switch member {
                case .work(.get(let get)):
                    let item = try ItemWriter.read(snapshot, get.key)
                    let size = item?.itemSize ?? 0
                    report.add(
                        get.table, [:],
                        Consumption(table: Consumption.read(bytes: size, isConsistent: get.isConsistent)),
                        wantsMetrics: false)
                    responses.append(answer(item.map(get.statement.row), table: get.table))
                case .refused(let answer): responses.append(answer)
                case .work(.write): break
                }
            }
        }
        return json(responses, report, plan.level)
    }

    /// All in one commit: a statement that fails has written nothing when it does.
    private static func write(_ plan: Plan, _ transaction: Transaction) throws -> JSONValue {
        var (report, failures) = (BatchReport(), [(StatementWrite, Consumption)]())
        var responses: [JSONValue] = []
        var hasSuccess = false
        for member in plan.members {
            switch member {
            case .work(.write(let write)):
                do {
                    let outcome = try write.run(in: transaction)
                    hasSuccess = true
                    report.add(
                        write.action.table, write.action.keyAttributes, outcome.consumption,
                        wantsMetrics: false)
                    responses.append(answer(outcome.items.first, table: write.action.table))
                } catch {
                    let failure = TableErrors.from(error)
                    guard failure.status < 500 else { throw error }
                    failures.append((write, try write.attemptedUnits(transaction)))
                    responses.append(answer(failure, table: write.action.table.name))
                }
            case .refused(let answer): responses.append(answer)
            case .work(.get): break
            }
        }
        // What failed is charged too, unless nothing succeeded.
        for (write, units) in failures where hasSuccess {
            report.add(write.action.table, write.action.keyAttributes, units, wantsMetrics: false)
        }
        return json(responses, report, plan.level)
    }

    private static func json(
        _ responses: [JSONValue], _ report: BatchReport = BatchReport(), _ level: CapacityLevel = .none
    ) -> JSONValue {
        var object = JSONObject()
        object.append("Responses", .array(responses))
        report.append(to: &object, level: level, split: nil)
        return .object(object)
    }
}
