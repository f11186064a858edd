import Clock
import Digests
import Synchronization

/// The key of the day on which something was signed last, and how that moment is written. Deriving a key hashes four
/// times what signing with it does, and hardly any request is the first one of its day.
final class SigningDay: Sendable {
    struct Entry: Sendable {
        /// Whole seconds since 1970.
        let seconds: Int64
        /// `yyyymmddThhmmssZ`
        let timestamp: String
        let date: String
        /// ``SigningScope/text``
        let scope: String
        let key: HMAC.SHA256Key
    }

    private let last = Mutex<Entry?>(nil)

    /// - Parameters: the same at each call, but for `time`.
    func entry(at time: Timestamp, secret: String, region: String, service: String) -> Entry {
        let seconds = time.seconds
        let kept = last.withLock { $0 }
        if let kept, kept.seconds == seconds { return kept }
        let date = time.basicDate
        let made: Entry
        if let kept, kept.date == date {
            made = Entry(
                seconds: seconds, timestamp: time.iso8601Basic, date: date, scope: kept.scope, key: kept.key)
        } else {
            let scope = SigningScope(date: date, region: region, service: service)
            made = Entry(
                seconds: seconds, timestamp: time.iso8601Basic, date: date, scope: scope.text,
                key: HMAC.SHA256Key(SigningKey.derive(secret: secret, scope: scope)))
        }
        last.withLock { $0 = made }
        return made
    }
}
