import Clock

/// The two fields for days: which days of a month fit.
enum CronDays: Sendable, Equatable {
    case ofMonth([MonthRule])
    case ofWeek([WeekRule])

    enum MonthRule: Sendable, Equatable {
        case days(CronField)
        /// `L`, or `L-3`: so many days before the last one.
        case last(before: Int)
        /// `15W`: the weekday nearest to a day, in the same month.
        case nearestWeekday(Int)
        /// `LW`
        case lastWeekday
    }

    enum WeekRule: Sendable, Equatable {
        /// 1 is Sunday.
        case weekdays(CronField)
        /// `6L`: the last Friday.
        case last(Int)
        /// `6#3`: the third Friday.
        case nth(Int, Int)
    }

    init(ofMonth: String, ofWeek: String) throws(CronExpression.Invalid) {
        switch (ofMonth, ofWeek) {
        case ("?", "?"):
            throw CronExpression.Invalid(reason: "only one of the fields for days may be '?'")
        case ("?", _): self = .ofWeek(try Self.weekRules(ofWeek))
        case (_, "?"): self = .ofMonth(try Self.monthRules(ofMonth))
        default:
            throw CronExpression.Invalid(
                reason: "one of day of month and day of week has to be '?', as the other one decides")
        }
    }

    // MARK: - Reading

    private static func monthRules(_ text: String) throws(CronExpression.Invalid) -> [MonthRule] {
        var rules: [MonthRule] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            rules.append(try monthRule(String(part)))
        }
        return rules
    }

    private static func monthRule(_ text: String) throws(CronExpression.Invalid) -> MonthRule {
        let upper = text.uppercased()
        if upper == "L" { return .last(before: 0) }
        if upper == "LW" { return .lastWeekday }
        if upper.hasPrefix("L-"), let days = CronField.value(of: upper.dropFirst(2), 1...30, []) {
            return .last(before: days)
        }
        if upper.hasSuffix("W") {
            guard let day = CronField.value(of: upper.dropLast(), 1...31, []) else {
                throw CronExpression.Invalid(reason: "'\(text)': before W stands a day of the month, 1 to 31")
            }
            return .nearestWeekday(day)
        }
        return .days(try CronField(text, "day of month", 1...31))
    }

    private static func weekRules(_ text: String) throws(CronExpression.Invalid) -> [WeekRule] {
        if text.contains("#") {
            let parts = text.split(separator: "#", omittingEmptySubsequences: false)
            guard parts.count == 2, let day = weekday(parts[0]),
                let number = CronField.value(of: parts[1], 1...5, [])
            else {
                throw CronExpression.Invalid(
                    reason: "'\(text)': '#' stands alone between a day of the week and a number from 1 to 5")
            }
            return [.nth(day, number)]
        }
        var rules: [WeekRule] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if part.uppercased() == "L" {
                rules.append(.weekdays(try CronField("7", "day of week", 1...7)))
            } else if part.last == "L" || part.last == "l", let day = weekday(part.dropLast()) {
                rules.append(.last(day))
            } else {
                rules.append(
                    .weekdays(
                        try CronField(String(part), "day of week", 1...7, names: CronExpression.weekdays)))
            }
        }
        return rules
    }

    private static func weekday(_ text: Substring) -> Int? {
        CronField.value(of: text, 1...7, CronExpression.weekdays)
    }

    // MARK: - Days

    /// The days of a month that fit, in order.
    func days(year: Int, month: Int) -> [Int] {
        guard let first = Timestamp(year: year, month: month, day: 1) else { return [] }
        let length = (28...31).last { Timestamp(year: year, month: month, day: $0) != nil } ?? 28
        let start = first.civil.weekday
        /// 1 is Sunday.
        func weekday(_ day: Int) -> Int { (start + day - 1) % 7 + 1 }
        return (1...length).filter { day in
            switch self {
            case .ofMonth(let rules):
                rules.contains { $0.fits(day, length: length, weekday: weekday) }
            case .ofWeek(let rules):
                rules.contains { rule in
                    switch rule {
                    case .weekdays(let field): field.contains(weekday(day))
                    case .last(let wanted): weekday(day) == wanted && day + 7 > length
                    case .nth(let wanted, let number): weekday(day) == wanted && (day - 1) / 7 + 1 == number
                    }
                }
            }
        }
    }
}

extension CronDays.MonthRule {
    fileprivate func fits(_ day: Int, length: Int, weekday: (Int) -> Int) -> Bool {
        switch self {
        case .days(let field): return field.contains(day)
        case .last(let before): return day == length - before
        case .lastWeekday: return day == Self.nearest(length, length, weekday)
        case .nearestWeekday(let wanted):
            return wanted <= length && day == Self.nearest(wanted, length, weekday)
        }
    }

    private static func nearest(_ day: Int, _ length: Int, _ weekday: (Int) -> Int) -> Int {
        switch weekday(day) {
        case 1: day < length ? day + 1 : day - 2
        case 7: day > 1 ? day - 1 : day + 2
        default: day
        }
    }
}
