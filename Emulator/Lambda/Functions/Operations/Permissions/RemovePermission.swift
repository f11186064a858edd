import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}
enum RemovePermission {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request, shape: .namespaced)
        let id = request.path("StatementId")
        guard service.known(target.name) != nil || service.declared[target.name] != nil else {
            throw LambdaError.notFound("No policy found for: \(service.arn(target.name, nil))")
        }
        let place = target.qualifier ?? VersionRecord.latest
        try await service.change(target.name) { (record) throws(AWSError) in
            try service.checkPermissionTarget(target, record)
            guard var policy = record.policies[place] else { throw Permissions.noPolicy }
            guard Permissions.remove(id, from: &policy) else { throw Permissions.noStatement(id) }
            try service.check(revision: request.query("RevisionId"), record, target.qualifier)
            record.policies[place] = policy.statements.isEmpty ? nil : policy
            service.touch(&record, target.qualifier)
        }
        return request.noContent
    }
}
