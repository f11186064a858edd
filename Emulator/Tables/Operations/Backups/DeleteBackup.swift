import AWSProtocol
import Expressions
import JSON
import Store

/// DeleteBackup (Amazon DynamoDB API Reference).
struct DeleteBackup: TableOperation {
    let backup: NamedBackup

    init(_ input: InputReader) throws(ValidationError) { backup = try NamedBackup(input) }

    func validate(_ environment: TableEnvironment) throws -> Backup { try backup.checked(environment) }

    static func run(_ backup: Backup, _ environment: TableEnvironment) async throws -> JSONValue {
        let found = try await environment.store.commit { transaction in
            let found = try Backup.find(arn: backup.arn, transaction)
            let isUsed = try TableRestore.all(transaction).contains { $0.copy == found.id }
            guard found.isComplete, !isUsed else {
                throw AWSError(
                    code: "BackupInUseException",
                    message: "Backup is being used by another control plane operation: \(found.arn)")
            }
            found.forget(in: transaction)
            try TableCopy.drop(found.id, in: transaction)
            return found
        }
        environment.work.wake(environment)
        return ["BackupDescription": try found.description(status: "DELETED", at: environment.location)]
    }
}
