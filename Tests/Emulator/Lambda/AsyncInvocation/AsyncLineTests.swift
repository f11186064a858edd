import Clock
import Testing

@testable import Lambda

/// What the dispatcher remembers of one function's events.
@Suite struct AsyncLineTests {
    private let now: Int64 = 1_000_000
    private var line = AsyncLine(cursor: [0])

    @Test func refusalsAtOnceCountAsOne() {
        var line = line
        for _ in 0..<50 { line.refused(at: now) }
        #expect(line.pausedUntil == now + AsyncLine.shortestPause)
    }

    @Test func eachRefusalInARowDoublesThePause() {
        var line = line
        var time = now
        for pause in [1_000, 2_000, 4_000, 8_000] as [Int64] {
            line.refused(at: time)
            #expect(line.pausedUntil == time + pause)
            time = line.pausedUntil
        }
    }

    @Test func pausesEndAtFiveMinutes() {
        var line = line
        for _ in 0..<20 { line.refused(at: line.pausedUntil) }
        let time = line.pausedUntil
        line.refused(at: time)
        #expect(line.pausedUntil == time + AsyncLine.longestPause)
        line.admitted()
        #expect(!line.isPaused(at: time))
    }

    @Test func anEventThatComesBackIsLookedForAtOnce() {
        var line = line
        line.started([1], bytes: 1)
        line.started([2], bytes: 1)
        line.nextDue = Timestamp(milliseconds: 60_000)
        line.ended([1], isBack: true)
        #expect(line.nextDue == nil)
        #expect(line.cursor == [1])
    }

    @Test func whatHasRunIsNotLookedAtAgain() {
        var line = line
        line.started([1], bytes: 1)
        for key in 2...100 as ClosedRange<UInt8> {
            line.started([key], bytes: 1)
            line.ended([key], isBack: false)
        }
        #expect(line.cursor == [100])
        line.added([50])
        #expect(line.cursor == [50])
    }
}
