import AWSProtocol
import HTTPTypes
import JSON
import Net

/// PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency
enum PutProvisionedConcurrencyConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let wanted = try document.integer("ProvisionedConcurrentExecutions")
        if let wanted {
            if wanted < 1 { checks.value(wanted, at: "provisionedConcurrentExecutions", in: 1...Int.max) }
        } else {
            checks.missing("provisionedConcurrentExecutions")
        }
        let (target, qualifier) = try ProvisionedConcurrency.target(
            service, request,
            latest: "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
            checks)
        guard let wanted else { throw LambdaError.unknownOperation }

        let config = ProvisionedRecord(count: wanted, modified: request.context.now)
        try await service.change(target) { (record) throws(AWSError) in
            try check(wanted, qualifier, record, service)
            record.provisioned[qualifier] = config
        }
        service.refreshProvisioned(of: target.name)
        return request.answer(
            [
                "RequestedProvisionedConcurrentExecutions": .number(JSONNumber(wanted)),
                "AvailableProvisionedConcurrentExecutions": 0, "AllocatedProvisionedConcurrentExecutions": 0,
                "Status": "IN_PROGRESS", "LastModified": .string(config.modified.lambdaText),
            ], status: 202)
    }

    @EventLoop private static func check(
        _ wanted: Int, _ qualifier: String, _ record: FunctionRecord, _ service: LambdaService
    ) throws(AWSError) {
        let others = record.provisioned.reduce(0) { $0 + ($1.key == qualifier ? 0 : $1.value.count) }
        if let reserved = service.reservedConcurrency(of: record.name) {
            guard others + wanted <= reserved else {
                throw LambdaError.invalidParameter(
                    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution "
                        + "for function")
            }
        }
        let limit = service.configuration.maxEnvironments
        guard wanted <= limit else {
            throw LambdaError.invalidParameter(
                "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency "
                    + "[\(limit)].")
        }
        let left = service.unreservedConcurrency(without: record.name) - others - wanted
        guard
            service.reservedConcurrency(of: record.name) != nil
                || left >= AccountConcurrency.minimumUnreserved
        else {
            throw LambdaError.invalidParameter(
                "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                    + "below its minimum value of [\(AccountConcurrency.minimumUnreserved)].")
        }
        if let alias = record.aliases[qualifier], record.provisioned[alias.version] != nil {
            throw LambdaError.conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            )
        }
        let isLedTo = record.provisioned.keys.contains { record.aliases[$0]?.version == qualifier }
        guard !isLedTo else {
            throw LambdaError.conflict("Version is pointed by a Provisioned Concurrency alias")
        }
    }
}
