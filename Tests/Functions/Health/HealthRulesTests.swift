import AWSClients
import JSON
import LambdaEvents
import TestSupport
import Testing

@testable import Health

@Suite struct HealthRulesTests {
    @Test func statusIsOkOnlyWhenEverythingIs() {
        let good = CheckResult(name: "table", failure: nil, nanoseconds: 1)
        let bad = CheckResult(name: "openai", failure: "timeout", nanoseconds: 1)
        #expect(HealthRules.overallStatus([]) == "ok")
        #expect(HealthRules.overallStatus([good]) == "ok")
        #expect(HealthRules.overallStatus([good, bad]) == "degraded")
    }

    @Test(arguments: [("table", 503), ("bucket", 503), ("openai", 200), ("openweather", 200)])
    func onlyVitalFailuresMakeTheAnswer503(_ name: String, _ status: Int) {
        #expect(
            HealthRules.httpStatus([CheckResult(name: name, failure: "failing", nanoseconds: 0)]) == status)
        #expect(HealthRules.httpStatus([CheckResult(name: name, failure: nil, nanoseconds: 0)]) == 200)
    }

    @Test func latencyIsInMillisecondsToThreePlaces() {
        let result = CheckResult(name: "table", failure: nil, nanoseconds: 1_234_567)
        #expect(result.document == ["state": "ok", "latencyMs": 1.234])
    }

    private func deep(_ world: TestWorld) throws -> (Int, JSONValue?) {
        let event = try HTTPAPIEvent.make("GET", "/api/v1/health", query: ["deep": "1"])
        let answer = HealthService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    @Test func failedTableIsNamedAndLogged() throws {
        let world = TestWorld()
        world.table.fail(
            "DescribeTable",
            with: AWSServiceError(
                code: "TransportError", status: 0, message: "refused", body: nil, retryable: true))
        let (status, document) = try deep(world)
        #expect(status == 503)
        #expect(document?["status"] == "degraded")
        #expect(document?["checks"]?["table"]?["state"] == "unreachable")
        #expect(document?["checks"]?["bucket"]?["state"] == "ok")
        #expect(world.logs.all == ["health check failed: 0 TransportError: refused"])
    }

    @Test func missingBucketAndTableAreNamed() throws {
        let world = TestWorld()
        world.bucket.fail(
            "headBucket",
            with: AWSServiceError(code: "NotFound", status: 404, message: "", body: nil, retryable: false))
        world.table.fail(
            "DescribeTable",
            with: AWSServiceError(
                code: "ResourceNotFoundException", status: 400, message: "", body: nil, retryable: false))
        let (status, document) = try deep(world)
        #expect(status == 503)
        #expect(document?["checks"]?["bucket"]?["state"] == "missing")
        #expect(document?["checks"]?["table"]?["state"] == "missing")
    }

    @Test func failedProviderDegradesWithStatus200() throws {
        var world = TestWorld()
        world.probes = [FakeProbe("openai", failure: "unauthorized")]
        let (status, document) = try deep(world)
        #expect(status == 200)
        #expect(document?["status"] == "degraded")
        #expect(document?["checks"]?["openai"] == ["state": "unauthorized", "latencyMs": 1.5])
    }

    @Test func shallowTouchesNothing() throws {
        let world = TestWorld()
        let event = try HTTPAPIEvent.make("GET", "/api/v1/health")
        _ = HealthService(world.dependencies).handle(event, TestWorld.context)
        #expect(world.table.operations.isEmpty)
    }
}
