import AWSProtocol
import JSON
import Net

/// What the operations about provisioned concurrency have in common.
enum ProvisionedConcurrency {
    /// The version or alias that is meant; both have to exist, and `$LATEST` is neither.
    @EventLoop static func target(
        _ service: LambdaService, _ request: LambdaRequest, latest: String,
        _ given: ShapeChecks = ShapeChecks()
    ) throws(AWSError) -> (FunctionTarget, String) {
        var checks = given
        let qualifier =
            request.query("Qualifier") ?? FunctionReference(request.path("FunctionName"))?.qualifier
        if qualifier == nil { checks.missing("qualifier") }
        let target = try FunctionTarget(
            request.path("FunctionName"), qualifier: request.query("Qualifier"), checks: checks,
            request.context)
        guard let qualifier else { throw LambdaError.unknownOperation }
        guard qualifier != VersionRecord.latest else { throw LambdaError.invalidParameter(latest) }
        let record = service.known(target.name)
        let isThere = record?.aliases[qualifier] != nil || record?.version(qualifier) != nil
        guard isThere else {
            let arn = service.arn(target.name, qualifier)
            throw Patterns.isDigits(qualifier)
                ? LambdaError.functionNotFound(arn: arn)
                : LambdaError.notFound("Cannot find alias arn: \(arn)")
        }
        return (target, qualifier)
    }

    static let notPublished = "The function resource provided must be an alias or a published version."

    /// A configuration as the Get and List operations tell it. Environments are started on the spot, so what is
    /// asked for is there, as far as it can be.
    @EventLoop static func json(
        _ config: ProvisionedRecord, of record: FunctionRecord, _ qualifier: String, _ service: LambdaService
    ) -> JSONObject {
        let ready = service.provisionedReady(record, qualifier, of: config.count)
        var object: JSONObject = [
            "RequestedProvisionedConcurrentExecutions": .number(JSONNumber(config.count)),
            "AvailableProvisionedConcurrentExecutions": .number(JSONNumber(ready)),
            "AllocatedProvisionedConcurrentExecutions": .number(JSONNumber(ready)),
            "Status": .string(ready >= config.count ? "READY" : "IN_PROGRESS"),
        ]
        object.append("LastModified", .string(config.modified.lambdaText))
        return object
    }
}

extension LambdaService {
    /// Makes the hosts of versions that are to have environments ahead, and gives those that have others their
    /// new number: such a host is exchanged for one that knows it.
    func refreshProvisioned(of name: String) {
        guard let record = known(name) else { return }
        for number in record.versions.keys {
            let wanted = record.provisioned(for: "\(number)")
            let host = hosts["\(name):\(number)"]
            guard host?.definition.provisionedConcurrency ?? 0 != wanted else { continue }
            retireHost("\(name):\(number)")
            guard wanted > 0 else { continue }
            Task { @EventLoop in _ = await self.host(of: name, qualifier: "\(number)") }
        }
    }

    /// How many environments of the version behind a qualifier stand ready, of those that were asked for.
    func provisionedReady(_ record: FunctionRecord, _ qualifier: String, of count: Int) -> Int {
        let version = shownVersion(record, qualifier)
        guard let host = hosts["\(record.name):\(version)"] else { return 0 }
        return min(count, host.provisioned.ready)
    }
}
