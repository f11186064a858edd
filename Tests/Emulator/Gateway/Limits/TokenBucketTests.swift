import Seeded
import Testing

@testable import Gateway

@Suite struct TokenBucketTests {
    private let second: UInt64 = 1_000_000_000

    /// How many of requests at these moments pass.
    private func passed(_ bucket: inout TokenBucket, _ moments: some Sequence<UInt64>) -> Int {
        moments.reduce(0) { $0 + (bucket.take(nowNanoseconds: $1) ? 1 : 0) }
    }

    private func bucket(_ rate: Double, _ burst: Int, at now: UInt64 = 0) -> TokenBucket {
        TokenBucket(ThrottlingLimits(rateLimit: rate, burstLimit: burst), nowNanoseconds: now)
    }

    @Test func startsFull() {
        var bucket = bucket(10, 5, at: 77)
        #expect(passed(&bucket, repeatElement(77, count: 9)) == 5)
    }

    @Test func oneTokenComesBackAfterExactlyItsTime() {
        var bucket = bucket(10, 1)
        #expect(bucket.take(nowNanoseconds: 0))
        #expect(!bucket.take(nowNanoseconds: 99_000_000))
        #expect(bucket.take(nowNanoseconds: 100_000_000))
        #expect(!bucket.take(nowNanoseconds: 199_000_000))
        #expect(bucket.take(nowNanoseconds: 200_000_000))
    }

    @Test func holdsNoMoreThanItsBurst() {
        var bucket = bucket(1_000, 3)
        #expect(passed(&bucket, repeatElement(3_600 * second, count: 10)) == 3)
    }

    @Test(arguments: [(100.0, 50), (7.5, 3), (2_000.0, 1), (333.3, 1_000)])
    func letsBurstAndRatePassWithinTwoPercent(_ rate: Double, _ burst: Int) {
        var bucket = bucket(rate, burst)
        // Ten seconds in steps that divide nothing evenly, and more requests than there are tokens.
        let moments = stride(from: UInt64(0), to: 10 * second, by: 137_003)
        let expected = Double(burst) + 10 * rate
        let allowed = Double(passed(&bucket, moments))
        #expect(abs(allowed - expected) <= max(1, expected * 0.02), "\(allowed) of \(expected)")
    }

    @Test(arguments: [(0.0, 0), (100.0, 0)])
    func blocksEverythingWithoutABurst(_ rate: Double, _ burst: Int) {
        var bucket = bucket(rate, burst)
        #expect(passed(&bucket, stride(from: UInt64(0), to: 10 * second, by: second / 10)) == 0)
    }

    @Test func givesItsBurstOnceWithoutARate() {
        var bucket = bucket(0, 4)
        #expect(passed(&bucket, stride(from: UInt64(0), to: 100 * second, by: second)) == 4)
    }

    @Test func aMomentThatIsPastGivesNothing() {
        var bucket = bucket(10, 1, at: 10 * second)
        #expect(bucket.take(nowNanoseconds: 10 * second))
        #expect(!bucket.take(nowNanoseconds: 0))
        #expect(!bucket.take(nowNanoseconds: 10 * second + 50_000_000))
        #expect(bucket.take(nowNanoseconds: 10 * second + 100_000_000))
    }
}
