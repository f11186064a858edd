import Clock

/// Six fields: minutes, hours, day of month, month, day of week, year (Amazon EventBridge User Guide, "Cron-based
/// schedules"). Days of the week count from SUN = 1. One of the two fields for days is `?`.
public struct CronExpression: Sendable, Equatable {
    public typealias Invalid = ScheduleExpression.Invalid

    static let months = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    static let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    private static let years = 1970...2199

    private let minutes: CronField
    private let hours: CronField
    private let months: CronField
    private let years: CronField
    private let days: CronDays

    public init(_ text: String) throws(Invalid) {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 6 else {
            throw Invalid(
                reason: "cron takes six fields: minutes, hours, day of month, month, day of week, year")
        }
        minutes = try CronField(fields[0], "minutes", 0...59)
        hours = try CronField(fields[1], "hours", 0...23)
        months = try CronField(fields[3], "month", 1...12, names: Self.months)
        years = try CronField(fields[5], "year", Self.years)
        days = try CronDays(ofMonth: fields[2], ofWeek: fields[4])
    }

    /// The first minute after `time` that fits; nil when there is none up to the year 2199.
    public func next(after time: Timestamp) -> Timestamp? {
        let begin = (time + 60_000).civil
        let first = max(begin.year, Self.years.lowerBound)
        guard first <= Self.years.upperBound else { return nil }
        for year in first...Self.years.upperBound where years.contains(year) {
            let isFirstYear = year == begin.year
            for month in 1...12 where months.contains(month) && (!isFirstYear || month >= begin.month) {
                let isFirstMonth = isFirstYear && month == begin.month
                for day in days.days(year: year, month: month) where !isFirstMonth || day >= begin.day {
                    let isFirstDay = isFirstMonth && day == begin.day
                    guard let minute = minute(from: isFirstDay ? begin.hour * 60 + begin.minute : 0) else {
                        continue
                    }
                    return Timestamp(
                        year: year, month: month, day: day, hour: minute / 60, minute: minute % 60)
                }
            }
        }
        return nil
    }

    /// The first minute of a day that fits, from one on.
    private func minute(from start: Int) -> Int? {
        for hour in (start / 60)..<24 where hours.contains(hour) {
            let first = hour == start / 60 ? start % 60 : 0
            for minute in first..<60 where minutes.contains(minute) { return hour * 60 + minute }
        }
        return nil
    }
}

/// One field: numbers, names, ranges and steps, separated by commas.
struct CronField: Sendable, Equatable {
    private let values: Set<Int>

    func contains(_ value: Int) -> Bool { values.contains(value) }

    /// - Parameter names: of the values, from the lowest on.
    init(
        _ text: String, _ field: String, _ range: ClosedRange<Int>, names: [String] = []
    ) throws(CronExpression.Invalid) {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try Self.values(part, field, range, names))
        }
        self.values = values
    }

    private static func values(
        _ text: Substring, _ field: String, _ range: ClosedRange<Int>, _ names: [String]
    ) throws(CronExpression.Invalid) -> [Int] {
        let wrong = CronExpression.Invalid(
            reason: "'\(text)' cannot stand in the field for \(field), which takes "
                + "\(range.lowerBound) to \(range.upperBound)")
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { throw wrong }
        var span: [Int]
        if parts[0] == "*" {
            span = Array(range)
        } else {
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
                .map { value(of: $0, range, names) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                throw wrong
            }
            if first <= last {
                // A step from one number goes to the end.
                span = Array(first...(ends.count == 1 && parts.count == 2 ? range.upperBound : last))
            } else if !names.isEmpty {
                // From SAT to MON goes around the end.
                span = Array(first...range.upperBound) + Array(range.lowerBound...last)
            } else {
                throw wrong
            }
        }
        guard parts.count == 2 else { return span }
        guard let step = Int(parts[1]), step > 0, parts[1].first != "+" else { throw wrong }
        return stride(from: 0, to: span.count, by: step).map { span[$0] }
    }

    static func value(of text: Substring, _ range: ClosedRange<Int>, _ names: [String]) -> Int? {
        if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text),
            range.contains(value)
        else { return nil }
        return value
    }
}
