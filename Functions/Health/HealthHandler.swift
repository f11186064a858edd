import AWSClients
import JSON
import LambdaEvents
import LambdaRuntime
import Mumble

enum HealthEndpoint: String, Endpoint {
    case health = "GET /health"
}

/// GET /health: that the function runs; with `?deep=1` whether what it needs answers, and how fast.
struct HealthService: Sendable {
    let dependencies: Dependencies

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            _ = try HealthEndpoint.match(event)
            let deep = try Inputs(queryOf: event)["deep"].choice(["0", "1"]) == "1"
            return deep ? deepAnswer() : Answer(document(status: "ok"))
        }
    }

    private func deepAnswer() -> Answer {
        let checks = allChecks()
        var document = document(status: HealthRules.overallStatus(checks))
        var results = JSONObject()
        for check in checks { results[check.name] = check.document }
        document["checks"] = .object(results)
        return Answer(document, status: HealthRules.httpStatus(checks))
    }

    private func document(status: String) -> JSONObject {
        [
            "status": .string(status), "service": .string(HealthRules.serviceName),
            "timestamp": .string(dependencies.clock.now.iso8601), "version": .string(HealthRules.version),
        ]
    }

    private func allChecks() -> [CheckResult] {
        [check("table", tableFailure), check("bucket", bucketFailure)]
            + dependencies.probes.map { check($0.name, $0.failure) }
    }

    private func check(_ name: String, _ probe: () -> String?) -> CheckResult {
        let start = dependencies.stopwatch()
        let failure = probe()
        return CheckResult(name: name, failure: failure, nanoseconds: dependencies.stopwatch() - start)
    }

    private func tableFailure() -> String? {
        do {
            let answer = try dependencies.table.rawCall("DescribeTable", [:])
            let status = answer["Table"]?["TableStatus"]?.string ?? ""
            return status == "ACTIVE" || status == "UPDATING" ? nil : "notActive"
        } catch {
            return failureWord(error)
        }
    }

    private func bucketFailure() -> String? {
        do {
            try dependencies.storage.headBucket(dependencies.settings.bucketName)
            return nil
        } catch {
            return failureWord(error)
        }
    }

    private func failureWord(_ error: AWSServiceError) -> String {
        dependencies.log("health check failed: \(error.status) \(error.code): \(error.message)")
        switch error.status {
        case 0: return "unreachable"
        case 401, 403: return "unauthorized"
        case 404: return "missing"
        default: return error.code == "ResourceNotFoundException" ? "missing" : "failing"
        }
    }
}
