import Clock
import Foundation
import Seeded
import Testing

@Suite struct TimestampTests {
    let time = Timestamp(milliseconds: 1_767_323_045_678)

    @Test func formats() {
        #expect(time.iso8601 == "2026-01-02T03:04:05.678Z")
        #expect(time.iso8601Seconds == "2026-01-02T03:04:05Z")
        #expect(time.iso8601Basic == "20260102T030405Z")
        #expect(time.basicDate == "20260102")
        #expect(time.rfc1123 == "Fri, 02 Jan 2026 03:04:05 GMT")
        #expect(time.commonLog == "02/Jan/2026:03:04:05 +0000")
        #expect(Timestamp(seconds: 1_584_039_838).commonLog == "12/Mar/2020:19:03:58 +0000")
    }

    @Test func parses() {
        let whole = Timestamp(seconds: 1_767_323_045)
        #expect(Timestamp(rfc1123: "Fri, 02 Jan 2026 03:04:05 GMT") == whole)
        #expect(Timestamp(iso8601Basic: "20260102T030405Z") == whole)
        #expect(Timestamp(iso8601: "2026-01-02T03:04:05Z") == whole)
        #expect(Timestamp(iso8601: "2026-01-02T03:04:05.678Z") == time)
        #expect(Timestamp(iso8601: "2026-01-02T03:04:05.6789999Z") == time)
        #expect(Timestamp(iso8601: "2026-01-02T03:04:05.6Z") == whole + 600)
    }

    @Test(arguments: [
        "", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-02T24:00:00Z",
        "2026-01-02T00:60:00Z", "2026-01-02T00:00:60Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx",
        "2026-1-2T03:04:05Z", "+026-01-02T03:04:05Z", "1900-02-29T00:00:00Z",
    ])
    func refusesISO(_ text: String) { #expect(Timestamp(iso8601: text) == nil) }

    @Test(arguments: [
        "", "20260102T030405", "20260102030405Z", "2026010aT030405Z", "20260102T030405ZZ", "20260230T000000Z",
    ])
    func refusesBasic(_ text: String) { #expect(Timestamp(iso8601Basic: text) == nil) }

    @Test(arguments: [
        "", "Fri, 2 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:05 UTC", "Fri, 02 jan 2026 03:04:05 GMT",
        "Xxx, 02 Jan 2026 03:04:05 GMT", "Fri, 30 Feb 2026 03:04:05 GMT", "Fri, 02 Jan 26 03:04:05 GMT",
    ])
    func refusesRFC1123(_ text: String) { #expect(Timestamp(rfc1123: text) == nil) }

    @Test func leapDays() {
        #expect(Timestamp(iso8601: "2000-02-29T00:00:00Z")?.seconds == 951_782_400)
        #expect(Timestamp(iso8601: "2024-02-29T23:59:59Z")?.rfc1123 == "Thu, 29 Feb 2024 23:59:59 GMT")
        #expect(Timestamp(seconds: 951_868_799).iso8601Seconds == "2000-02-29T23:59:59Z")
    }

    /// A date that four digits cannot tell is told with more, for anything else would be another date.
    @Test func yearsBeyond9999() {
        let last = Timestamp(iso8601: "9999-12-31T23:59:59Z")!
        #expect(last.rfc1123 == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect((last + 1000).rfc1123 == "Sat, 01 Jan 10000 00:00:00 GMT")
        #expect((last + 1000).iso8601 == "10000-01-01T00:00:00.000Z")
        #expect((last + 1000).iso8601Basic == "100000101T000000Z")
        #expect(Timestamp(iso8601: "0000-01-01T00:00:00Z")!.iso8601Seconds == "0000-01-01T00:00:00Z")
        #expect((Timestamp(iso8601: "0000-01-01T00:00:00Z")! - 1).iso8601 == "-0001-12-31T23:59:59.999Z")
        #expect((last + 2_147_483_647 * 86_400_000).civil.year > 5_000_000)
    }

    @Test func datesAreReadAsTheyWereWritten() {
        var random = SeededRandom.fresh("datesAreReadAsTheyWereWritten")
        for _ in 0..<500 {
            let time = Timestamp(seconds: .random(in: -62_167_219_200...253_402_300_799, using: &random))
            #expect(Timestamp(rfc1123: time.rfc1123) == time)
            let days = time.seconds / 86_400 - (time.seconds % 86_400 < 0 ? 1 : 0)
            let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
            #expect(time.rfc1123.hasPrefix(names[Int((days % 7 + 7) % 7)]))
        }
    }

    /// Beyond 64 bits of milliseconds lies the end of time, not a trap.
    @Test func arithmeticStopsAtTheEnds() {
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(last + 1 == last && last - -1 == last && first - 1 == first && first + -1 == first)
        #expect(last - first == .max && first - last == .min)
        #expect(Timestamp(seconds: .max) == last && Timestamp(seconds: .min) == first)
        #expect(Timestamp(seconds: 9_223_372_036_854_775).milliseconds == 9_223_372_036_854_775_000)
        for time in [first, last] {
            for text in [time.iso8601, time.iso8601Seconds, time.iso8601Basic, time.rfc1123, time.commonLog] {
                #expect(text.contains("292"), "\(text)")
            }
        }
        #expect(last.iso8601 == "292278994-08-17T07:12:55.807Z")
    }

    @Test func beforeTheEpoch() {
        let time = Timestamp(milliseconds: -1)
        #expect(time.seconds == -1)
        #expect(time.iso8601 == "1969-12-31T23:59:59.999Z")
        #expect(time.civil.weekday == 3)
        #expect(Timestamp(iso8601: "1969-12-31T23:59:59.999Z") == time)
    }

    @Test func arithmetic() {
        #expect((time + 322).milliseconds == 1_767_323_046_000)
        #expect(time - 678 < time)
        #expect((time + 5) - time == 5)
        #expect(Timestamp(seconds: 3).milliseconds == 3000)
    }

    @Test func agreesWithFoundationOnAnyDay() throws {
        var random = SeededRandom.fresh("agreesWithFoundationOnAnyDay")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for _ in 0..<500 {
            // 1600 to 9999: where Foundation uses the Gregorian calendar too
            let seconds = Int64.random(in: -11_676_096_000..<253_323_904_000, using: &random)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second, .weekday],
                from: Date(timeIntervalSince1970: Double(seconds)))
            let civil = Timestamp(seconds: seconds).civil
            #expect(civil.year == parts.year, "seed \(random.seed), \(seconds)")
            #expect(civil.month == parts.month, "seed \(random.seed), \(seconds)")
            #expect(civil.day == parts.day, "seed \(random.seed), \(seconds)")
            #expect(civil.hour == parts.hour && civil.minute == parts.minute && civil.second == parts.second)
            #expect(civil.weekday + 1 == parts.weekday, "seed \(random.seed), \(seconds)")
            let text = Timestamp(seconds: seconds).rfc1123
            #expect(Timestamp(rfc1123: text)?.seconds == seconds, "seed \(random.seed), \(text)")
        }
    }
}

@Suite struct ClocksTests {
    @Test func manualClockMovesWhenTold() {
        let clock = ManualClock(Timestamp(seconds: 10))
        #expect(clock.now == Timestamp(seconds: 10))
        clock.advance(milliseconds: 1500)
        #expect(clock.now.milliseconds == 11_500)
        clock.set(Timestamp(seconds: 1))
        #expect(clock.now.seconds == 1)
    }

    @Test func systemClockAgreesWithFoundation() {
        let difference = SystemClock().now.milliseconds - Int64(Date().timeIntervalSince1970 * 1000)
        #expect(abs(difference) < 2000)
    }

    @Test func monotonicClockOnlyGrows() {
        var last = MonotonicClock.nanoseconds
        for _ in 0..<1000 {
            let now = MonotonicClock.nanoseconds
            #expect(now >= last)
            last = now
        }
    }
}
