import AWSProtocol
import Clock
import HTTPTypes

/// The lock that a write's headers ask for, and the same headers in answers.
enum LockHeaders {
    private static let (mode, until, hold) = (
        "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"
    )

    /// - Throws: InvalidArgument.
    static func read(_ request: S3Request) throws(AWSError) -> ObjectLock {
        var lock = ObjectLock()
        switch (request.header(mode), request.header(until)) {
        case (nil, nil): break
        case (let modeText?, let untilText?):
            guard let named = ObjectLock.Mode(rawValue: modeText) else {
                throw .invalidArgument("Unknown wormMode directive.", name: mode, value: modeText)
            }
            guard let date = Timestamp(iso8601: untilText) else {
                throw .invalidArgument(
                    "The retain until date must be provided in ISO 8601 format", name: until,
                    value: untilText)
            }
            try RetainUntil.check(date, name: until, now: request.context.now)
            lock.retention = ObjectLock.Retention(mode: named, until: date)
        case (let modeText, _):
            throw .invalidArgument(
                "\(until) and \(mode) must both be supplied", name: modeText == nil ? until : mode,
                value: nil)
        }
        if let text = request.header(hold) {
            guard let isOn = isOn(text) else {
                throw .invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", name: hold, value: text)
            }
            lock.legalHold = isOn
        }
        return lock
    }

    static func isOn(_ status: String) -> Bool? {
        switch status {
        case "ON": true
        case "OFF": false
        default: nil
        }
    }

    static func add(_ lock: ObjectLock, to headers: inout HTTPHeaders) {
        if let retention = lock.retention {
            headers.add(mode, retention.mode.rawValue)
            headers.add(until, retention.until.iso8601)
        }
        if let isHeld = lock.legalHold { headers.add(hold, isHeld ? "ON" : "OFF") }
    }
}

/// The rule for a date until which something is kept.
enum RetainUntil {
    /// - Throws: InvalidArgument for a date that has passed.
    static func check(_ date: Timestamp, name: String, now: Timestamp) throws(AWSError) {
        guard date <= now else { return }
        throw .invalidArgument(
            "The retain until date must be in the future!", name: name, value: pacific(date))
    }

    /// S3 prints the date as one of its servers would on a screen in California, wherever the bucket is:
    /// `Tue Dec 31 16:00:00 PST 2019`.
    static func pacific(_ date: Timestamp) -> String {
        let isSummer = isPacificSummer(date)
        let text = (date - (isSummer ? 7 : 8) * 3_600_000).rfc1123
        // `Tue, 31 Dec 2019 16:00:00 GMT`
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 6 else { return text }
        let zone = isSummer ? "PDT" : "PST"
        return "\(fields[0].dropLast()) \(fields[2]) \(fields[1]) \(fields[4]) \(zone) \(fields[3])"
    }

    /// From the second Sunday of March, 10:00 UTC, to the first Sunday of November, 09:00 UTC.
    private static func isPacificSummer(_ date: Timestamp) -> Bool {
        let year = date.civil.year
        guard let start = sunday(2, year, month: 3, hour: 10), let end = sunday(1, year, month: 11, hour: 9)
        else { return false }
        return start <= date && date < end
    }

    private static func sunday(_ number: Int, _ year: Int, month: Int, hour: Int) -> Timestamp? {
        guard let first = Timestamp(year: year, month: month, day: 1, hour: hour) else { return nil }
        let days = (7 - first.civil.weekday) % 7 + (number - 1) * 7
        return first + Int64(days) * 86_400_000
    }
}
