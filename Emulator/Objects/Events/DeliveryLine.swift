import Clock

/// One function's events: which it is being told of right now, which wait, and how far the stored ones have been
/// looked at. Pure: it reads no store and no clock. Events are known by their order alone, so that many can wait.
struct DeliveryLine {
    /// Events that wait for another attempt. While so many do, newer ones wait in the store: some of these always come
    /// due within minutes.
    static let mostWaiting = 20_000
    /// Events that were passed since an earlier one of their object was under way.
    static let mostPassed = 1_000

    /// The object that an event is about.
    struct Place: Hashable {
        var bucket: String
        var key: [UInt8]

        init(_ event: ObjectEvent) {
            bucket = event.bucket
            key = event.key
        }
    }

    struct Waiting {
        var until: Timestamp
        var order: UInt64
        var place: Place
        var attempts: DeliveryDesk.Attempts
    }

    /// All stored events before this one have been looked at.
    private(set) var next: UInt64 = 0
    private(set) var underWay: [UInt64: Place] = [:]
    /// In their order.
    private var passed: [(order: UInt64, place: Place)] = []
    private var passedPlaces: [Place: Int] = [:]
    /// By the time at which their next attempt is.
    private var waiting: [Waiting] = []
    /// Retries and new events take turns, so that neither keeps the other from going out.
    private var isTurnOfNew = false

    /// More would be told of at once than the function may be.
    var isFull: Bool { underWay.count >= DeliveryDesk.callsPerFunction }
    var mayLookFurther: Bool { waiting.count < Self.mostWaiting }

    // MARK: - What could go out

    /// The events that could go out again now, as many as there is room for: those that were passed, then those whose
    /// time has come. Of one object's events one goes out at a time.
    func ready(at now: Timestamp) -> [UInt64] {
        var busy = Set(underWay.values)
        var room = DeliveryDesk.callsPerFunction - underWay.count
        var orders: [UInt64] = []
        for event in passed where room > 0 && busy.insert(event.place).inserted {
            orders.append(event.order)
            room -= 1
        }
        for event in waiting {
            guard event.until <= now, room > 0 else { break }
            guard busy.insert(event.place).inserted else { continue }
            orders.append(event.order)
            room -= 1
        }
        return orders
    }

    /// Whether the next free place is for an event that was not seen yet.
    mutating func takeTurn(hasReady: Bool, hasNew: Bool) -> Bool {
        let isForNew = hasNew && (isTurnOfNew || !hasReady)
        isTurnOfNew = !isForNew
        return isForNew
    }

    // MARK: - Going out

    private func isBusy(_ place: Place) -> Bool { underWay.values.contains(place) }

    /// - Returns: whether the event goes out. Nil: it is remembered, as an earlier one of the same object is under way
    ///   or remembered itself. False: there was no room for that.
    mutating func startNew(_ event: ObjectEvent) -> Bool? {
        let place = Place(event)
        if isBusy(place) || passedPlaces[place] != nil {
            guard passed.count < Self.mostPassed else { return false }
            passed.append((event.order, place))
            passedPlaces[place, default: 0] += 1
            next = event.order + 1
            return nil
        }
        underWay[event.order] = place
        next = event.order + 1
        return true
    }

    /// Goes on behind an event that cannot be told, or not yet.
    mutating func skip(_ order: UInt64) { next = order + 1 }

    /// Sends out an event that was passed or has waited, unless another one of its object has just gone out.
    /// - Parameter otherwise: what was tried, of an event that was only passed.
    mutating func startAgain(
        _ event: ObjectEvent, otherwise: @autoclosure () -> DeliveryDesk.Attempts
    ) -> DeliveryDesk.Attempts? {
        guard !isBusy(Place(event)) else { return nil }
        let attempts = forget(event.order) ?? otherwise()
        underWay[event.order] = Place(event)
        return attempts
    }

    /// Takes an event out of those that wait.
    @discardableResult
    mutating func forget(_ order: UInt64) -> DeliveryDesk.Attempts? {
        if let index = passed.firstIndex(where: { $0.order == order }) {
            let place = passed.remove(at: index).place
            let left = passedPlaces[place, default: 1] - 1
            passedPlaces[place] = left > 0 ? left : nil
            return nil
        }
        guard let index = waiting.firstIndex(where: { $0.order == order }) else { return nil }
        return waiting.remove(at: index).attempts
    }

    // MARK: - Coming back

    mutating func end(_ order: UInt64) { underWay[order] = nil }

    mutating func wait(_ order: UInt64, _ place: Place, until: Timestamp, _ attempts: DeliveryDesk.Attempts) {
        underWay[order] = nil
        // Behind all that come due before it.
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            let other = waiting[middle]
            if (other.until.milliseconds, other.order) < (until.milliseconds, order) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        waiting.insert(Waiting(until: until, order: order, place: place, attempts: attempts), at: low)
    }
}
