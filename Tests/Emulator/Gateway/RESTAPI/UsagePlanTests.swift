import Clock
import JSON
import Testing

@testable import Gateway

@Suite struct UsagePlanTests {
    private typealias Period = UsagePlan.Quota.Period

    private func time(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0) throws -> Timestamp {
        try #require(Timestamp(year: year, month: month, day: day, hour: hour))
    }

    @Test func daysWeeksAndMonthsBeginInUTC() throws {
        // 2026-03-01 is a Sunday.
        let saturday = try time(2026, 2, 28, 23)
        let sunday = try time(2026, 3, 1)
        let nextSaturday = try time(2026, 3, 7, 23)
        for period in [Period.day, .week, .month] {
            #expect(QuotaCounter.period(period, at: saturday) + 1 == QuotaCounter.period(period, at: sunday))
        }
        #expect(QuotaCounter.period(.week, at: sunday) == QuotaCounter.period(.week, at: nextSaturday))
        #expect(QuotaCounter.period(.month, at: sunday) == QuotaCounter.period(.month, at: nextSaturday))
    }

    private func take(
        _ counter: inout QuotaCounter, _ quota: UsagePlan.Quota, _ now: Timestamp, first: Bool = false
    ) -> Bool {
        counter.take(quota, at: now, isFirstPeriod: first)
    }

    @Test func aNewPeriodBeginsWithTheWholeQuota() throws {
        let quota = UsagePlan.Quota(limit: 2, period: .day)
        let day = try time(2026, 3, 1)
        var counter = QuotaCounter(period: QuotaCounter.period(.day, at: day), used: 0)
        #expect(take(&counter, quota, day))
        #expect(take(&counter, quota, day))
        #expect(!take(&counter, quota, day))
        #expect(take(&counter, quota, try time(2026, 3, 2)))
        #expect(counter.used == 1)
    }

    @Test func theOffsetCountsInTheFirstPeriodOnly() throws {
        let quota = UsagePlan.Quota(limit: 3, offset: 2, period: .day)
        let day = try time(2026, 3, 1)
        var counter = QuotaCounter(period: QuotaCounter.period(.day, at: day), used: 0)
        #expect(take(&counter, quota, day, first: true))
        #expect(!take(&counter, quota, day, first: true))
        let next = try time(2026, 3, 2)
        for _ in 0..<3 { #expect(take(&counter, quota, next)) }
        #expect(!take(&counter, quota, next))
    }

    @Test func aLedgerIsTakenOverByTheNextRun() throws {
        var configuration = RESTAPIConfiguration(
            apiID: "a", accountID: "0", region: "r", stages: [RESTStage(name: "prod")], methods: [])
        let key = APIKey(id: "k", name: "k", value: "v")
        let plan = UsagePlan(
            id: "p", name: "p", keys: ["k"], stages: ["prod"], quota: .init(limit: 2, period: .month))
        configuration.apiKeys = [key]
        configuration.usagePlans = [plan]
        let method = RESTMethod(key: "GET /", integration: .function("f"))
        let now = try time(2026, 3, 1)
        let first = UsageLedger(configuration)
        #expect(first.changes() == nil)
        #expect(first.take(key, plan, stage: "prod", method: method, now: now) == .admitted)
        let kept = try #require(first.changes())
        #expect(first.changes() == nil)
        let second = UsageLedger(configuration)
        second.restore(try JSONValue.parse(kept.encoded()))
        #expect(second.take(key, plan, stage: "prod", method: method, now: now) == .admitted)
        #expect(second.take(key, plan, stage: "prod", method: method, now: now) == .quotaExceeded)
    }
}

@Suite struct CanaryChoiceTests {
    @Test(arguments: [(0.0, 0), (10.0, 1_000), (33.3, 3_330), (70.0, 7_000), (100.0, 10_000)])
    func asManyBucketsAsPercentGoToTheFunctions(_ percent: Double, _ count: Int) {
        let chosen = (0..<CanaryChoice.buckets).count {
            CanaryChoice.side(bucket: $0, percent: percent) == .functions
        }
        #expect(chosen == count)
    }

    @Test func bucketsOfTextsAreSpreadEvenly() {
        let chosen = (0..<10_000).count {
            CanaryChoice.side(bucket: CanaryChoice.bucket(of: "user-\($0)"), percent: 30) == .functions
        }
        #expect((2_800...3_200).contains(chosen))
    }
}
