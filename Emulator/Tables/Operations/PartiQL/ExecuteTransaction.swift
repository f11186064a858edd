import AWSProtocol
import Expressions
import JSON
import PartiQL
import Store

/// ExecuteTransaction (Amazon DynamoDB API Reference): up to 100 statements that all read or all write, all or
/// none. Among writes EXISTS checks an item.
struct ExecuteTransaction: TableOperation {
    static let maximumStatements = 100

    struct Plan: Sendable {
        enum Work: Sendable {
            case gets([BatchExecuteStatement.Get])
            case writes(TransactWriteItems.Plan)
        }

        let work: Work
        let level: CapacityLevel
    }

    let statements: [StatementInput]?
    let clientToken: String?
    let capacity: String?
    private let payload: JSONValue?

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        clientToken = try input.string("ClientRequestToken")
        payload = input["TransactStatements"]
        statements = try StatementInput.list(input, "TransactStatements", "ParameterizedStatement")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.length(clientToken, at: "clientRequestToken", from: 1, to: 36)
        StatementInput.constrain(
            statements, &constraints, at: "transactStatements", maximum: Self.maximumStatements)
        try constraints.check()
        let inputs = statements ?? []
        for input in inputs { _ = try input.parameters?.get() }
        let parsed = try inputs.enumerated().map { index, input in
            try Self.within(index) { try Self.checked(input.statement()) }
        }
        guard Set(parsed.map(\.isRead)).count < 2 else {
            throw TableErrors.validation(
                "ExecuteTransaction API does not support both read and write operations in the same request.")
        }
        let level = CapacityLevel(capacity)
        if parsed.first?.isRead == true {
            return Plan(work: .gets(try gets(parsed, environment)), level: level)
        }
        let actions = try self.actions(parsed, inputs, environment)
        if let payload, payload.encoded().count > TransactWriteItems.maximumBytes {
            throw TableErrors.validation("Transaction request size has exceeded the 4 MB limit")
        }
        let token = clientToken.map { TransactionToken(text: $0, payload: payload ?? .null) }
        return Plan(
            work: .writes(
                TransactWriteItems.Plan(actions: actions, token: token, level: level, wantsMetrics: false)),
            level: level)
    }

    /// Errors of a statement name its place.
    private static func within<R>(_ index: Int, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch {
            let failure = TableErrors.from(error)
            guard failure.code == "ValidationException", let message = failure.message else { throw error }
            throw TableErrors.validation("Validation failed in TransactStatements[\(index)]: \(message)")
        }
    }

    private static func checked(_ statement: PartiQLStatement) throws -> PartiQLStatement {
        if statement.returning != nil {
            throw TableErrors.validation("RETURNING clause is not supported in ExecuteTransaction.")
        }
        if statement.isRead, statement.source.index != nil {
            throw TableErrors.validation("Reads on indices are not supported within transactions.")
        }
        return statement
    }

    // MARK: planning

    private func gets(
        _ statements: [PartiQLStatement], _ environment: TableEnvironment
    ) throws -> [BatchExecuteStatement.Get] {
        var gets: [BatchExecuteStatement.Get] = []
        var reasons: [CancellationReason] = []
        var seen: Set<[UInt8]> = []
        var hasDuplicate = false
        for (index, statement) in statements.enumerated() {
            guard case .select(let select) = statement else { continue }
            guard let table = try? statement.source.table(environment) else {
                reasons.append(.tableNotFound)
                continue
            }
            guard let key = try key(select, table, at: index) else {
                reasons.append(.validation(TableErrors.keyMismatch.message ?? ""))
                continue
            }
            reasons.append(.none)
            let bytes = KeyEncoding.itemKey(table, key)
            if !seen.insert(bytes).inserted { hasDuplicate = true }
            gets.append(.init(table: table, key: bytes, statement: select, isConsistent: true))
        }
        try Self.check(reasons, hasDuplicate: hasDuplicate)
        return gets
    }

    /// Nil when its types do not fit the table.
    private func key(_ select: SelectStatement, _ table: Table, at index: Int) throws -> Item? {
        let target = StatementTarget(.select(select), table)
        if case .complete(let key) = target.key, target.rest.isEmpty,
            table.keys.all.contains(where: { key[$0.name]?.type != $0.type })
        {
            return nil
        }
        return try Self.within(index) {
            guard let key = try KeyBranches(select.condition?.root, table.keys).singleKey else {
                throw TableErrors.validation(
                    "Select statements within ExecuteTransaction must specify the primary key in the where "
                        + "clause.")
            }
            try table.check(key: key)
            try table.check(paths: (select.columns ?? []).map(\.path))
            return key
        }
    }

    private func actions(
        _ statements: [PartiQLStatement], _ inputs: [StatementInput], _ environment: TableEnvironment
    ) throws -> [TransactAction] {
        var actions: [TransactAction] = []
        var reasons: [CancellationReason] = []
        var seen: Set<[UInt8]> = []
        var hasDuplicate = false
        for (index, statement) in statements.enumerated() {
            guard let table = try? statement.source.table(environment) else {
                reasons.append(.tableNotFound)
                continue
            }
            let target = StatementTarget(statement, table)
            if case .exists = statement { try Self.within(index) { try Self.checkExists(target) } }
            do {
                guard case .complete(let item) = target.key else { throw TableErrors.keyMismatch }
                try target.check(item)
                let action = target.action(item, returnsItemOnFailure: inputs[index].returnsItemOnFailure)
                if let key = action.key, !seen.insert(key).inserted { hasDuplicate = true }
                actions.append(action)
                reasons.append(.none)
            } catch {
                let failure = TableErrors.from(error)
                guard failure.code == "ValidationException" else { throw error }
                reasons.append(.validation(failure.message ?? ""))
            }
        }
        try Self.check(reasons, hasDuplicate: hasDuplicate)
        return actions
    }

    private static func checkExists(_ target: StatementTarget) throws {
        guard case .complete = target.key, !target.rest.isEmpty else {
            throw TableErrors.validation("EXISTS() must contain a single item read with additional condition")
        }
    }

    private static func check(_ reasons: [CancellationReason], hasDuplicate: Bool) throws {
        guard reasons.allSatisfy({ $0.code == CancellationReason.none.code }) else {
            throw TableErrors.transactionCancelled(reasons)
        }
        guard !hasDuplicate else {
            throw TableErrors.validation(
                "Transaction request cannot include multiple operations on one item")
        }
    }

    // MARK: running

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        switch plan.work {
        case .writes(let writes):
            let answer = try await TransactWriteItems.run(writes, environment)
            var object = answer.object ?? JSONObject()
            object.append("Responses", .array(writes.actions.map { _ in [:] }))
            return .object(object)
        case .gets(let gets):
            var report = BatchReport()
            var responses: [JSONValue] = []
            try environment.store.read { snapshot in
                for get in gets {
                    let item = try ItemWriter.read(snapshot, get.key)
                    var response = JSONObject()
                    if let item { response.append("Item", get.statement.row(item).json) }
                    responses.append(.object(response))
                    let units = 2 * Consumption.read(bytes: item?.itemSize ?? 0, isConsistent: true)
                    report.add(get.table, [:], Consumption(table: units), wantsMetrics: false)
                }
            }
            var object = JSONObject()
            object.append("Responses", .array(responses))
            report.append(to: &object, level: plan.level, split: .read)
            return .object(object)
        }
    }
}

extension CancellationReason {
    static let tableNotFound = CancellationReason(
        code: "ResourceNotFound", message: TableErrors.tableNotFound.message)
}
