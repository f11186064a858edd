import AWSProtocol
import Expressions
import JSON
import Store

/// RestoreTableFromBackup (Amazon DynamoDB API Reference): makes a new table of a backup.
struct RestoreTableFromBackup: TableOperation {
    struct Plan: Sendable {
        let backup: Backup
        let input: RestoreInput
    }

    let backup: NamedBackup
    let input: RestoreInput

    init(_ input: InputReader) throws(ValidationError) {
        backup = try NamedBackup(input)
        self.input = try RestoreInput(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        input.constrain(&constraints)
        backup.constrain(&constraints)
        try constraints.check()
        try input.checkTarget(environment)
        return Plan(backup: try backup.find(environment), input: input)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let (location, uuid) = (environment.location, environment.newUUID())
        let table = try await environment.changeDefinition(plan.input.target ?? "") { transaction in
            let backup = try Backup.find(arn: plan.backup.arn, transaction)
            guard backup.isComplete else {
                throw AWSError(
                    code: "BackupInUseException",
                    message: "Backup is being used by another control plane operation: \(backup.arn)")
            }
            let source = try backup.definition()
            let table = try plan.input.makeTarget(
                from: source, uuid: uuid,
                summary: RestoreSummary(
                    backupARN: backup.arn, tableARN: location.arn(source.name), time: backup.created),
                in: transaction)
            TableRestore(table: table.name, id: table.id, copy: backup.id, phase: .filling)
                .write(in: transaction)
            return table
        } landed: {
            environment.catalog.add($0)
        }
        environment.work.wake(environment)
        return RestoreInput.answer(table, environment)
    }
}
