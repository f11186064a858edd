/// A point in time with millisecond resolution, UTC, without leap seconds.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Seconds that are farther away than 64 bits of milliseconds reach mean the farthest moment.
    public init(seconds: Int64) {
        let (product, isTooFar) = seconds.multipliedReportingOverflow(by: 1000)
        milliseconds = isTooFar ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since the epoch, rounded towards the past.
    public var seconds: Int64 {
        let whole = milliseconds / 1000
        return milliseconds % 1000 < 0 ? whole - 1 : whole
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// `milliseconds` later, the farthest moment at most.
    public static func + (time: Timestamp, milliseconds: Int64) -> Timestamp {
        let (sum, isTooFar) = time.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: isTooFar ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// `milliseconds` earlier, the farthest moment at most.
    public static func - (time: Timestamp, milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: distance(time.milliseconds, milliseconds))
    }

    /// Milliseconds from `b` to `a`; as many as 64 bits hold when it is more.
    public static func - (a: Timestamp, b: Timestamp) -> Int64 { distance(a.milliseconds, b.milliseconds) }

    private static func distance(_ a: Int64, _ b: Int64) -> Int64 {
        let (difference, isTooFar) = a.subtractingReportingOverflow(b)
        return isTooFar ? (b < 0 ? .max : .min) : difference
    }
}

extension Timestamp {
    /// Date and time of day in UTC; `weekday` counts from Sunday = 0.
    public var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int) {
        let seconds = Int(self.seconds)
        var days = seconds / 86_400
        if seconds % 86_400 < 0 { days -= 1 }
        let ofDay = seconds - days * 86_400
        let date = CivilDate(daysSinceEpoch: days)
        let weekday = ((days + 4) % 7 + 7) % 7  // 1970-01-01 was a Thursday
        return (
            date.year, date.month, date.day, ofDay / 3600, ofDay / 60 % 60, ofDay % 60, weekday
        )
    }

    /// The given UTC date and time; nil when there is no such day or time of day.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        millisecond: Int = 0
    ) {
        guard let days = CivilDate(year: year, month: month, day: day)?.daysSinceEpoch,
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
            (0..<1000).contains(millisecond)
        else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(millisecond))
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// nil when the month has no such day; years 0 to 9999.
    init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length =
            switch month {
            case 2: leap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard day <= length else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Works in eras of 400 years that begin on 1 March, so that the leap day comes last.
    init(daysSinceEpoch: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
