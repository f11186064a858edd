import AWSProtocol
import HTTPTypes
import Net

/// DELETE /2015-03-31/functions/{FunctionName}
enum DeleteFunction {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let target = try FunctionTarget(request)
        guard target.qualifier != VersionRecord.latest else {
            throw LambdaError.invalidParameter(
                "$LATEST version cannot be deleted without deleting the function.")
        }
        let before = try service.record(target.name)
        if let qualifier = target.qualifier {
            guard Patterns.isDigits(qualifier) else {
                throw LambdaError.invalidParameter("Deletion of aliases is not currently supported.")
            }
            try await delete(qualifier, of: target.name, service)
        } else {
            _ = try service.requireOwnCode(before)
            try await delete(target.name, service)
        }
        return request.noContent
    }

    /// A version that is not there is as good as deleted.
    @EventLoop private static func delete(
        _ version: String, of name: String, _ service: LambdaService
    ) async throws(AWSError) {
        let config = QueueKeys.invokeConfig(name, version)
        let also: FunctionCatalogue.Addition = { $0.delete(.functions, config) }
        try await service.change(name, also: also) { (record) throws(AWSError) in
            let users = record.aliases.filter { alias in
                alias.value.version == version || alias.value.weights.contains { $0.version == version }
            }
            guard users.isEmpty else {
                throw LambdaError.conflict(
                    "Unable to delete version because the following aliases reference it: "
                        + "[\(users.keys.sorted().joined(separator: ", "))]")
            }
            if let number = VersionRecord.number(version) { record.versions[number] = nil }
            record.policies[version] = nil
            record.provisioned[version] = nil
            record.runtimeManagement[version] = nil
        }
        service.retireHost("\(name):\(version)")
        service.sweepCodeSoon()
    }

    @EventLoop private static func delete(
        _ name: String, _ service: LambdaService
    ) async throws(AWSError) {
        await service.catalogue.lock(name)
        defer { service.catalogue.unlock(name) }
        let record = try service.record(name)
        try await service.catalogue.put(
            nil, instead: record, also: { try AsyncStorage.forget(name, in: $0) })
        service.asyncEvents.deleted.forget(name)
        service.activations.end(name)
        service.retireHost(name)
        for version in record.versions.keys { service.retireHost("\(name):\(version)") }
        service.refreshConcurrency(of: name)
        service.sweepCodeSoon()
        service.forgetGroup(of: name)
    }
}
