import Testing

@testable import Gateway

@Suite struct CircuitBreakerTests {
    private func breaker(threshold: Int = 3, open: Int = 1_000, halfOpen: Int = 1) -> CircuitBreaker {
        CircuitBreaker(
            .init(failureThreshold: threshold, openMilliseconds: open, halfOpenRequests: halfOpen))
    }

    private func admit(_ breaker: inout CircuitBreaker, at now: UInt64) -> CircuitBreaker.Ticket? {
        breaker.admit(now: now)
    }

    /// Sends one request with this outcome; whether it was admitted.
    @discardableResult
    private func send(_ outcome: CircuitBreaker.Outcome, _ breaker: inout CircuitBreaker, at now: UInt64)
        -> Bool
    {
        guard let ticket = breaker.admit(now: now) else { return false }
        breaker.note(outcome, of: ticket, now: now)
        return true
    }

    @Test func opensAfterAsManyFailuresInARow() {
        var breaker = breaker()
        for _ in 0..<2 { send(.failure, &breaker, at: 0) }
        #expect(breaker.state == .closed)
        send(.failure, &breaker, at: 0)
        #expect(breaker.state == .open)
    }

    @Test func aSuccessStartsTheCountAnew() {
        var breaker = breaker()
        for outcome in [.failure, .failure, .success, .failure, .failure] as [CircuitBreaker.Outcome] {
            send(outcome, &breaker, at: 0)
        }
        #expect(breaker.state == .closed)
    }

    @Test func outcomesThatSayNothingDoNotCount() {
        var breaker = breaker(threshold: 1)
        send(.neither, &breaker, at: 0)
        #expect(breaker.state == .closed)
    }

    @Test func anOpenCircuitRefusesUntilItsTimeIsUp() {
        var breaker = breaker(threshold: 1)
        send(.failure, &breaker, at: 100)
        #expect(admit(&breaker, at: 100) == nil)
        #expect(admit(&breaker, at: 1_099) == nil)
        #expect(admit(&breaker, at: 1_100) != nil)
        #expect(breaker.state == .halfOpen)
    }

    @Test func aHalfOpenCircuitLetsOnlySoManyTry() {
        var breaker = breaker(threshold: 1, halfOpen: 2)
        send(.failure, &breaker, at: 0)
        #expect(admit(&breaker, at: 1_000) != nil)
        #expect(admit(&breaker, at: 1_000) != nil)
        #expect(admit(&breaker, at: 1_000) == nil)
    }

    @Test func closesWhenAsManyTriesSucceed() {
        var breaker = breaker(threshold: 1, halfOpen: 2)
        send(.failure, &breaker, at: 0)
        send(.success, &breaker, at: 1_000)
        #expect(breaker.state == .halfOpen)
        send(.success, &breaker, at: 1_001)
        #expect(breaker.state == .closed)
    }

    @Test func aTryThatFailsOpensItForTheWholeTimeAgain() {
        var breaker = breaker(threshold: 1)
        send(.failure, &breaker, at: 0)
        send(.failure, &breaker, at: 1_500)
        #expect(breaker.state == .open)
        #expect(admit(&breaker, at: 2_499) == nil)
        #expect(admit(&breaker, at: 2_500) != nil)
    }

    @Test func aTryThatSaysNothingLeavesItsPlaceToAnother() {
        var breaker = breaker(threshold: 1)
        send(.failure, &breaker, at: 0)
        send(.neither, &breaker, at: 1_000)
        #expect(breaker.state == .halfOpen)
        #expect(admit(&breaker, at: 1_000) != nil)
    }

    @Test func outcomesOfAnEarlierPeriodAreIgnored() throws {
        var breaker = breaker(threshold: 1)
        let late = try #require(admit(&breaker, at: 0))
        send(.failure, &breaker, at: 0)
        let trying = try #require(admit(&breaker, at: 1_000))
        // It was sent before the circuit opened: it neither closes nor opens it now.
        breaker.note(.failure, of: late, now: 1_000)
        #expect(breaker.state == .halfOpen)
        breaker.note(.success, of: trying, now: 1_001)
        #expect(breaker.state == .closed)
        breaker.note(.failure, of: late, now: 1_002)
        #expect(breaker.state == .closed)
    }
}

@Suite struct RetryBudgetTests {
    private func spend(_ budget: inout RetryBudget) -> Bool { budget.spend() }

    @Test func hasAReserveAndThenEarnsItsShare() {
        var budget = RetryBudget(percent: 20)
        for _ in 0..<10 { #expect(spend(&budget)) }
        #expect(!spend(&budget))
        for _ in 0..<4 { budget.earn() }
        #expect(!spend(&budget))
        budget.earn()
        #expect(spend(&budget))
        #expect(!spend(&budget))
    }

    @Test func keepsNoMoreThanAHundred() {
        var budget = RetryBudget(percent: 100)
        for _ in 0..<1_000 { budget.earn() }
        #expect(budget.available == 100)
    }

    @Test func ofNothingAllowsNothing() {
        var budget = RetryBudget(percent: 0)
        for _ in 0..<1_000 { budget.earn() }
        #expect(!spend(&budget))
    }
}

@Suite struct HealthStateTests {
    @Test func changesItsVerdictAfterAsManyContraryChecks() {
        var health = HealthState(healthyThreshold: 2, unhealthyThreshold: 3)
        let checks = [false, false, true, false, false, false, true, false, true, true]
        let changes = checks.map { health.note(isGood: $0) }
        #expect(
            changes == [false, false, false, false, false, true, false, false, false, true])
        #expect(health.isHealthy)
    }
}
