import Clock

/// One function's events as far as the dispatcher has to remember them: those under way, and where the others begin.
/// Pure: it reads no store and no clock. It does not grow with the number of events that wait.
struct AsyncLine {
    static let shortestPause: Int64 = 1_000
    static let longestPause: Int64 = 300_000

    /// No event that could go out lies before this key.
    private(set) var cursor: [UInt8]
    /// Keys, and the bytes of their events.
    private(set) var underWay: [[UInt8]: Int] = [:]
    /// When the first event that had to wait is due; nil when there was none.
    var nextDue: Timestamp?
    /// Whether all stored events were seen at the last look.
    var isDry = false
    /// Nothing goes out before this time, monotonic milliseconds, as the function was throttled.
    private(set) var pausedUntil: Int64 = 0
    private var refusals: Int64 = 0

    init(cursor: [UInt8]) { self.cursor = cursor }

    func isPaused(at now: Int64) -> Bool { now < pausedUntil }

    /// An event has been stored.
    mutating func added(_ key: [UInt8]) {
        if key.lexicographicallyPrecedes(cursor) { cursor = key }
        isDry = false
        nextDue = nil
    }

    /// The first event behind the cursor goes out, so only those that come back lie before it.
    mutating func started(_ key: [UInt8], bytes: Int) {
        underWay[key] = bytes
        cursor = key
    }

    /// - Parameter isBack: whether the event is stored as it was, and waits again.
    mutating func ended(_ key: [UInt8], isBack: Bool) {
        underWay[key] = nil
        if isBack { return added(key) }
        isDry = false
        nextDue = nil
    }

    /// There was no room for a call. Each time in a row the wait doubles; what was refused together counts as one.
    mutating func refused(at now: Int64) {
        guard !isPaused(at: now) else { return }
        refusals += 1
        pausedUntil = now + min(Self.longestPause, Self.shortestPause << min(refusals - 1, 10))
    }

    /// A call has been taken.
    mutating func admitted() {
        refusals = 0
        pausedUntil = 0
    }
}
