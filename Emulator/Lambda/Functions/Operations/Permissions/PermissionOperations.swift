import AWSProtocol
import JSON
import Net

extension LambdaOperation {
    private static let path = "/2015-03-31/functions/{FunctionName}/policy"

    static let permissions = [
        LambdaOperation("AddPermission", "POST", path, run: AddPermission.run),
        LambdaOperation("GetPolicy", "GET", path, run: GetPolicy.run),
        LambdaOperation("RemovePermission", "DELETE", path + "/{StatementId}", run: RemovePermission.run),
    ]
}

enum Permissions {
    /// AWS's limit for the policy of one resource, in bytes.
    static let policyBytes = 20_480
    static let statementPattern = "([a-zA-Z0-9-_]+)"

    static func alreadyThere(_ id: String) -> AWSError {
        LambdaError.conflict(
            "The statement id (\(id)) provided already exists. Please provide a new statement id, or remove the "
                + "existing statement.")
    }

    static let noPolicy = LambdaError.notFound("No policy is associated with the given resource.")

    static func noStatement(_ id: String) -> AWSError {
        LambdaError.notFound("Statement \(id) is not found in resource policy.")
    }

    /// Adds a statement, unless there is one of its name or the policy would be too long.
    static func add(_ statement: JSONValue, to policy: inout PolicyRecord) throws(AWSError) {
        let id = statement["Sid"]?.string ?? ""
        guard !policy.statements.contains(where: { $0["Sid"]?.string == id }) else { throw alreadyThere(id) }
        policy.statements.append(statement)
        let size = policy.document.encoded().count
        guard size <= policyBytes else {
            throw AWSError(
                code: "PolicyLengthExceededException", status: 400,
                message: "The final policy size (\(size)) is bigger than the limit (\(policyBytes)).",
                members: ["Type": "User"])
        }
    }

    /// - Returns: whether there was such a statement.
    static func remove(_ id: String, from policy: inout PolicyRecord) -> Bool {
        guard let index = policy.statements.firstIndex(where: { $0["Sid"]?.string == id }) else {
            return false
        }
        policy.statements.remove(at: index)
        return true
    }
}

extension LambdaService {
    /// The version or alias that permissions are for has to exist.
    func checkPermissionTarget(_ target: FunctionTarget, _ record: FunctionRecord) throws(AWSError) {
        guard let qualifier = target.qualifier, qualifier != VersionRecord.latest else { return }
        if record.aliases[qualifier] != nil || record.version(qualifier) != nil { return }
        let arn = arn(target.name, qualifier)
        throw Patterns.isDigits(qualifier)
            ? LambdaError.functionNotFound(arn: arn) : LambdaError.notFound("Cannot find alias arn: \(arn)")
    }
}
