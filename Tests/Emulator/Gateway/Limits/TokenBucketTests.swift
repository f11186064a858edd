import Seeded
import Testing

@testable import Gateway

@Suite struct TokenBucketTests {
    private let second = 1_000_000_000

    /// How many of requests at these moments pass.
    private func passed(_ bucket: inout TokenBucket, _ moments: some Sequence<Int>) -> Int {
        moments.reduce(0) { $0 + (bucket.take(nowNanoseconds: UInt64($1)) ? 1 : 0) }
    }

    /// Which of requests at these moments pass.
    private func answers(_ bucket: TokenBucket, _ moments: Int...) -> [Bool] {
        var bucket = bucket
        return moments.map { bucket.take(nowNanoseconds: UInt64($0)) }
    }

    private func bucket(_ rate: Double, _ burst: Int, at now: Int = 0) -> TokenBucket {
        TokenBucket(ThrottlingLimits(rateLimit: rate, burstLimit: burst), nowNanoseconds: UInt64(now))
    }

    @Test func startsFull() {
        var bucket = bucket(10, 5, at: 77)
        let allowed = passed(&bucket, repeatElement(77, count: 9))
        #expect(allowed == 5)
    }

    @Test func oneTokenComesBackAfterExactlyItsTime() {
        #expect(
            answers(bucket(10, 1), 0, 99_000_000, 100_000_000, 199_000_000, 200_000_000)
                == [true, false, true, false, true])
    }

    @Test func holdsNoMoreThanItsBurst() {
        var bucket = bucket(1_000, 3)
        let allowed = passed(&bucket, repeatElement(3_600 * second, count: 10))
        #expect(allowed == 3)
    }

    @Test(arguments: [(100.0, 50), (7.5, 3), (2_000.0, 20), (333.3, 1_000)])
    func letsBurstAndRatePassWithinTwoPercent(_ rate: Double, _ burst: Int) {
        var bucket = bucket(rate, burst)
        // Ten seconds in steps that divide nothing evenly, and more requests than there are tokens.
        let moments = stride(from: 0, to: 10 * second, by: 137_003)
        let expected = Double(burst) + 10 * rate
        let allowed = Double(passed(&bucket, moments))
        #expect(abs(allowed - expected) <= max(1, expected * 0.02), "\(allowed) of \(expected)")
    }

    @Test(arguments: [(0.0, 0), (100.0, 0)])
    func blocksEverythingWithoutABurst(_ rate: Double, _ burst: Int) {
        var bucket = bucket(rate, burst)
        let allowed = passed(&bucket, stride(from: 0, to: 10 * second, by: second / 10))
        #expect(allowed == 0)
    }

    @Test func givesItsBurstOnceWithoutARate() {
        var bucket = bucket(0, 4)
        let allowed = passed(&bucket, stride(from: 0, to: 100 * second, by: second))
        #expect(allowed == 4)
    }

    @Test func aMomentThatIsPastGivesNothing() {
        let start = 10 * second
        #expect(
            answers(bucket(10, 1, at: start), start, 0, start + 50_000_000, start + 100_000_000)
                == [true, false, false, true])
    }
}
