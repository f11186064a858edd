import Digests
import Expressions
import JSON
import Store

/// TransactWriteItems (Amazon DynamoDB API Reference): up to 100 writes and checks, all or none.
struct TransactWriteItems: TableOperation {
    static let maximumItems = 100
    /// Bytes of items and expressions in one request.
    static let maximumBytes = 4 << 20

    struct Plan: Sendable {
        let actions: [TransactAction]
        let token: TransactionToken?
        let level: CapacityLevel
        let wantsMetrics: Bool
    }

    let inputs: [TransactInput]?
    let clientToken: String?
    let capacity: String?
    let metrics: String?
    private let payload: JSONValue?

    init(_ input: InputReader) throws(ValidationError) {
        capacity = try input.string("ReturnConsumedCapacity")
        metrics = try input.string("ReturnItemCollectionMetrics")
        clientToken = try input.string("ClientRequestToken")
        payload = input["TransactItems"]
        guard let items = try input.structures("TransactItems", "TransactWriteItem") else {
            inputs = nil
            return
        }
        var inputs: [TransactInput] = []
        for item in items { inputs.append(try TransactInput(item)) }
        self.inputs = inputs
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.member(metrics, of: Constraints.metricsLevels, at: "returnItemCollectionMetrics")
        constraints.length(clientToken, at: "clientRequestToken", from: 1, to: 36)
        constraints.notNull(inputs != nil, at: "transactItems")
        if let inputs {
            // AWS echoes the whole list; a bounded text does as well.
            constraints.length(
                inputs.count, shown: inputs.isEmpty ? "[]" : "[...]", at: "transactItems", from: 1,
                to: Self.maximumItems)
            for (index, input) in inputs.enumerated() {
                input.constrain(&constraints, at: "transactItems.\(index + 1).member")
            }
        }
        try constraints.check()
        var actions: [TransactAction] = []
        for input in inputs ?? [] { actions.append(try input.action(environment)) }
        var seen: Set<[UInt8]> = []
        for action in actions {
            guard let key = action.key else { continue }
            guard seen.insert(key).inserted else {
                throw TableErrors.validation(
                    "Transaction request cannot include multiple operations on one item")
            }
        }
        if let payload, payload.encoded().count > Self.maximumBytes {
            throw TableErrors.validation("Transaction request size has exceeded the 4 MB limit")
        }
        return Plan(
            actions: actions,
            token: clientToken.map { TransactionToken(text: $0, payload: payload ?? .null) },
            level: CapacityLevel(capacity), wantsMetrics: metrics == "SIZE")
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let now = environment.clock.now
        return try await environment.store.commit { transaction in
            if let token = plan.token, try token.isRepeated(in: transaction, at: now) {
                return try replay(plan, transaction)
            }
            let changes = try prepare(plan.actions, transaction)
            var report = BatchReport()
            for (action, change) in zip(plan.actions, changes) {
                let units = try apply(change, of: action, transaction)
                report.add(
                    action.table, action.keyAttributes, units.multiplied(by: 2),
                    wantsMetrics: plan.wantsMetrics && action.writes)
            }
            try plan.token?.remember(in: transaction, at: now)
            var object = JSONObject()
            report.append(to: &object, level: plan.level, split: .write)
            return .object(object)
        }
    }

    private struct Change {
        let table: Table
        let key: [UInt8]
        let old: Item?
        let new: Item?
    }

    /// Evaluates every action against the stored items; no two are about one item, so the order is free.
    private static func prepare(_ actions: [TransactAction], _ transaction: Transaction) throws -> [Change] {
        var changes: [Change] = []
        var reasons: [CancellationReason] = []
        var hasInvalid = false
        for action in actions {
            let table = try action.table.newest(in: transaction)
            var reason = CancellationReason.none
            do throws(ActionFailure) {
                changes.append(try change(action, in: table, transaction))
            } catch {
                switch error {
                case .cancelled(let found):
                    // Of several invalid actions AWS reports only the first.
                    if found.code == "ValidationError" {
                        if !hasInvalid { reason = found }
                        hasInvalid = true
                    } else {
                        reason = found
                    }
                case .other(let error): throw error
                }
            }
            reasons.append(reason)
        }
        guard changes.count == actions.count else { throw TableErrors.transactionCancelled(reasons) }
        return changes
    }

    private enum ActionFailure: Error {
        case cancelled(CancellationReason)
        case other(any Error)
    }

    private static func change(
        _ action: TransactAction, in table: Table, _ transaction: Transaction
    ) throws(ActionFailure) -> Change {
        guard let key = action.key else {
            throw .cancelled(.validation(action.fault ?? ""))
        }
        let old: Item?
        do { old = try ItemWriter.read(transaction, key) } catch { throw .other(error) }
        if let condition = action.condition.expression, !condition.evaluate(old ?? [:]) {
            throw .cancelled(action.refusal ?? .conditionFailed(action.condition.returnsItem ? old : nil))
        }
        do throws(ValidationError) {
            return Change(table: table, key: key, old: old, new: try action.result(old))
        } catch {
            throw .cancelled(.validation(error.message))
        }
    }

    private static func apply(
        _ change: Change, of action: TransactAction, _ transaction: Transaction
    ) throws -> Consumption {
        guard action.writes else {
            return Consumption(table: Consumption.write(old: change.old?.itemSize ?? 0, new: 0))
        }
        return try ItemWriter.replace(
            change.old, with: change.new, key: change.key, in: change.table, transaction)
    }

    /// The answer to a request that has been carried out already: it costs reads only.
    private static func replay(_ plan: Plan, _ transaction: Transaction) throws -> JSONValue {
        var report = BatchReport()
        for action in plan.actions {
            guard let key = action.key else { continue }
            let size = try ItemWriter.read(transaction, key)?.itemSize ?? 0
            report.add(
                action.table, action.keyAttributes,
                Consumption(table: 2 * Consumption.read(bytes: size, isConsistent: true)),
                wantsMetrics: plan.wantsMetrics && action.writes)
        }
        var object = JSONObject()
        report.append(to: &object, level: plan.level, split: .read)
        return .object(object)
    }
}
