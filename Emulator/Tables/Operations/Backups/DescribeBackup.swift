import Expressions
import JSON
import Store

/// The `BackupArn` parameter.
struct NamedBackup: Sendable {
    let arn: String?

    init(_ input: InputReader) throws(ValidationError) { arn = try input.string("BackupArn") }

    func constrain(_ constraints: inout Constraints) {
        constraints.notNull(arn != nil, at: "backupArn")
        constraints.length(arn, at: "backupArn", from: 37, to: 1_024)
    }

    /// Checks the parameter alone and finds the backup.
    func checked(_ environment: TableEnvironment) throws -> Backup {
        var constraints = Constraints()
        constrain(&constraints)
        try constraints.check()
        return try find(environment)
    }

    func find(_ environment: TableEnvironment) throws -> Backup {
        try environment.store.read { try Backup.find(arn: arn ?? "", $0) }
    }
}

/// DescribeBackup (Amazon DynamoDB API Reference).
struct DescribeBackup: TableOperation {
    let backup: NamedBackup

    init(_ input: InputReader) throws(ValidationError) { backup = try NamedBackup(input) }

    func validate(_ environment: TableEnvironment) throws -> Backup { try backup.checked(environment) }

    static func run(_ backup: Backup, _ environment: TableEnvironment) async throws -> JSONValue {
        ["BackupDescription": try backup.description(status: backup.status, at: environment.location)]
    }
}
