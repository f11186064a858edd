import AWSProtocol
import Bytes
import Clock
import Net
import Store

/// Runs events that were accepted with `202`: each at least once, and it leaves the store only in the commit that
/// says what became of it, to its destinations included. Of the events that wait, only those under way are in memory.
@EventLoop final class AsyncEvents {
    /// Calls of one function at once, if its reserved concurrency allows so many.
    private static let mostPerFunction = 50
    private static let mostBytesUnderWay = 64 << 20
    /// How long the clock may stand unread while something waits.
    private static let longestSleep: Int64 = 1_000

    unowned let service: LambdaService
    /// Calls at once; beyond it only functions of which none is under way get one.
    var mostUnderWay = 200
    /// Takes one line for the operator.
    var log: @Sendable (String) -> Void = { _ in }
    private var state: LambdaState?
    /// Of another state, what a call answers does not count.
    private var epoch = 0
    private var lines: [String: AsyncLine] = [:]
    /// In turn, so that no function's events wait for another's.
    private var order: [String] = []
    private var underWay = 0
    private var bytesUnderWay = 0
    private var timer: LoopTimer?
    private var wakesAt: Int64 = .max
    private var isEnding = false
    private let commits = UnderWay()
    private var waitingForState: [CheckedContinuation<Void, Never>] = []
    private(set) lazy var deleted = DeletedEvents(
        log: { [weak self] in self?.log($0) },
        onGone: { [weak self] name in
            self?.lines[name]?.added(QueueKeys.events(name))
            self?.pump()
        })

    init(service: LambdaService) { self.service = service }

    // MARK: - The state

    /// Begins with what a state holds.
    /// - Parameter isSame: whether it holds what the one before `pause` held, so that calls under way still count.
    func open(_ state: LambdaState, isSame: Bool = false) {
        self.state = state
        deleted.open(state.store)
        if !isSame { load(state) }
        for continuation in waitingForState { continuation.resume() }
        waitingForState = []
        pump()
    }

    private func load(_ state: LambdaState) {
        epoch += 1
        (lines, order, underWay, bytesUnderWay) = ([:], [], 0, 0)
        do {
            for name in try state.store.read({ try AsyncStorage.functions($0) }) {
                lines[name] = AsyncLine(cursor: QueueKeys.events(name))
                order.append(name)
            }
        } catch {
            log("The queue of asynchronous events cannot be read: \(error).")
        }
    }

    /// Sends out nothing any more and waits for commits under way. Functions that run go on; what comes of them is
    /// noted after the next `open` if the state is the same, else their events are run again when it comes back.
    func pause() async {
        state = nil
        await deleted.pause()
        await commits.none()
    }

    /// From now on no event is sent out, and a failure says nothing: the functions are about to be ended.
    func end() {
        isEnding = true
        timer?.cancel()
        timer = nil
        for continuation in waitingForState { continuation.resume() }
        waitingForState = []
    }

    /// After `end`, when all functions are gone: waits until what they answered is noted.
    func finish() async {
        await deleted.pause()
        await commits.none()
        state = nil
    }

    /// The state to work on; waits while it is being exchanged. Nil at the end.
    func current() async -> LambdaState? {
        while state == nil, !isEnding { await withCheckedContinuation { waitingForState.append($0) } }
        return isEnding ? nil : state
    }

    // MARK: - Accepting

    /// Stores an event; once this has returned it will be run, whatever happens to the emulator.
    func accept(_ event: AsyncEvent) async throws(AWSError) {
        guard let state = await current() else {
            throw LambdaError.service("the emulator is shutting down")
        }
        let (limits, due) = (service.configuration.asyncLimits, service.clock.now)
        do {
            let key = try await state.store.commit { transaction in
                try AsyncStorage.checkRoom(limits, in: transaction)
                return try AsyncStorage.put(event, due: due, in: transaction)
            }
            added(event.function, key)
        } catch let full as AsyncStorage.Full {
            throw AWSError(
                code: "TooManyRequestsException", status: 429, message: "Rate Exceeded: \(full.reason).",
                members: ["Reason": "CallerRateLimitExceeded", "Type": "User"])
        } catch {
            throw LambdaError.service("the event could not be stored: \(error)")
        }
    }

    /// An event has been stored, by whomever.
    func added(_ function: String, _ key: [UInt8]) {
        if lines[function] == nil {
            lines[function] = AsyncLine(cursor: key)
            order.append(function)
        } else {
            lines[function]?.added(key)
        }
        pump()
    }

    // MARK: - Sending out

    /// Starts as many calls as may be, one of each function in turn.
    func pump() {
        guard let store = state?.store, !isEnding else { return }
        var isMore = true
        while isMore {
            isMore = false
            // Who has nothing under way waits for nobody, however many calls of others hang.
            for name in order where hasRoom || lines[name]?.underWay.isEmpty == true {
                if startNext(of: name, store) { isMore = true }
            }
        }
        order.removeAll { name in
            guard let line = lines[name], line.isDry, line.underWay.isEmpty else { return false }
            lines[name] = nil
            return true
        }
        // Who was first is last the next time.
        if order.count > 1, !hasRoom { order.append(order.removeFirst()) }
        sleepUntilDue()
    }

    private var hasRoom: Bool { underWay < mostUnderWay && bytesUnderWay < Self.mostBytesUnderWay }

    /// - Returns: whether an event of the function went out.
    private func startNext(of name: String, _ store: Store) -> Bool {
        guard !deleted.isGoing(name), let line = lines[name], !line.isDry,
            !line.isPaused(at: service.monotonicMilliseconds)
        else {
            return false
        }
        // With a reserved concurrency of 0 nothing is called: events go to their destinations.
        let reserved = service.asyncConcurrency(of: name) ?? 1
        let concurrency = reserved == 0 ? Self.mostPerFunction : min(Self.mostPerFunction, reserved)
        let now = service.clock.now
        guard line.underWay.count < concurrency, line.nextDue.map({ $0 <= now }) ?? true else { return false }
        do {
            guard let (key, bytes) = try next(name, line, store, now) else { return false }
            lines[name]?.started(key, bytes: bytes.count)
            underWay += 1
            bytesUnderWay += bytes.count
            let epoch = epoch
            Task { @EventLoop in
                let isBack = await self.run(name, key, bytes, epoch)
                self.ended(name, key, bytes.count, epoch, isBack)
            }
            return true
        } catch {
            log("The queue of asynchronous events cannot be read: \(error).")
            return false
        }
    }

    private func next(
        _ name: String, _ line: AsyncLine, _ store: Store, _ now: Timestamp
    ) throws -> (key: [UInt8], bytes: [UInt8])? {
        var found: (key: [UInt8], bytes: [UInt8])?
        var nextDue: Timestamp?
        // No event waits longer than its retry: if one seems to, the clock was set back.
        let longestWait = Int64(service.configuration.asyncRetryDelaysMs.max() ?? 0)
        try store.read { snapshot in
            let end = QueueKeys.end(QueueKeys.events(name))
            try snapshot.scan(.queue, from: line.cursor, to: end) { key, value in
                if line.underWay[key] != nil { return true }
                guard let due = QueueKeys.due(key), due > now, due - now <= longestWait else {
                    found = (key, value)
                    return false
                }
                nextDue = due
                return false
            }
        }
        lines[name]?.nextDue = nextDue
        lines[name]?.isDry = found == nil && nextDue == nil
        return found
    }

    private func ended(_ name: String, _ key: [UInt8], _ bytes: Int, _ epoch: Int, _ isBack: Bool) {
        guard epoch == self.epoch else { return }
        lines[name]?.ended(key, isBack: isBack)
        underWay -= 1
        bytesUnderWay -= bytes
        pump()
    }

    private func sleepUntilDue() {
        let (now, monotonic) = (service.clock.now, service.monotonicMilliseconds)
        var delay = Int64.max
        for line in lines.values where !line.isDry {
            let paused = max(0, line.pausedUntil - monotonic)
            if let due = line.nextDue {
                delay = min(delay, max(paused, due - now, 1))
            } else if paused > 0 {
                delay = min(delay, paused)
            } else if line.underWay.isEmpty, underWay == 0 {
                // It could not be read.
                delay = min(delay, Self.longestSleep)
            }
        }
        guard delay < .max else { return }
        // A clock that is moved by hand is looked at now and then.
        let wakesAt = monotonic + min(delay, Self.longestSleep)
        guard timer == nil || wakesAt < self.wakesAt else { return }
        timer?.cancel()
        self.wakesAt = wakesAt
        timer = LoopTimer(afterMilliseconds: Int(wakesAt - monotonic)) { [weak self] in
            self?.timer = nil
            self?.pump()
        }
    }

    // MARK: - One event

    /// - Returns: whether the event is as it was.
    private func run(_ name: String, _ key: [UInt8], _ bytes: [UInt8], _ epoch: Int) async -> Bool {
        let event: AsyncEvent
        do throws(StoreError) {
            event = try AsyncEvent(decoding: bytes)
        } catch {
            log("An asynchronous event of function '\(name)' was dropped: \(error).")
            await note(epoch) { _ = try AsyncStorage.remove(key, in: $0) }
            return false
        }
        guard let store = state?.store else { return true }
        let config: EventInvokeConfig?
        do {
            config = try store.read {
                try EventInvokeConfig.read(event.function, event.qualifier ?? "$LATEST", $0)
            }
        } catch {
            // It may name destinations, so no event ends without it.
            log("What was configured for events of function '\(name)' cannot be read: \(error).")
            lines[name]?.refused(at: service.monotonicMilliseconds)
            return true
        }
        let concurrency = service.asyncConcurrency(of: name)
        let early = AsyncPolicy.beforeAttempt(event, config, concurrency: concurrency, now: service.clock.now)
        if let early { return await conclude(event, key, early, config, epoch) }
        var options = InvokeOptions(
            qualifier: event.qualifier, traceID: event.traceID, requestID: event.requestID)
        options.tenantID = event.tenantID
        let outcome = await service.invoke(name, payload: event.payload, options)
        guard epoch == self.epoch else { return true }
        if isEnding, case .success = outcome {} else if isEnding { return true }
        let verdict = AsyncPolicy.afterAttempt(
            event, outcome, config, delays: service.configuration.asyncRetryDelaysMs, now: service.clock.now)
        return await conclude(event, key, verdict, config, epoch)
    }

    /// - Returns: whether the event is as it was.
    private func conclude(
        _ event: AsyncEvent, _ key: [UInt8], _ verdict: AsyncPolicy.Verdict, _ config: EventInvokeConfig?,
        _ epoch: Int
    ) async -> Bool {
        if case .postpone = verdict {
            lines[event.function]?.refused(at: service.monotonicMilliseconds)
            return true
        }
        lines[event.function]?.admitted()
        switch verdict {
        case .postpone: return true
        case .tryAgain(let time):
            var event = event
            event.failures += 1
            let again = event
            await note(epoch) {
                guard try AsyncStorage.remove(key, in: $0),
                    try !AsyncStorage.isDropped(key, of: again.function, in: $0)
                else { return }
                try AsyncStorage.put(again, due: time, in: $0)
            }
            guard epoch == self.epoch else { return false }
            lines[event.function]?.added(
                QueueKeys.waiting(QueueKeys.events(event.function), due: time, order: 0))
        case .drop(let reason):
            log(
                "Event \(event.requestID) was dropped, as function '\(event.function)' cannot get it: \(reason)."
            )
            await note(epoch) { _ = try AsyncStorage.remove(key, in: $0) }
        case .end(let condition, let result):
            let deliveries = deliveries(of: event, condition, result, config)
            let now = service.clock.now
            await note(epoch) {
                guard try AsyncStorage.remove(key, in: $0) else { return }
                for delivery in deliveries { try delivery.store(in: $0, now: now) }
            }
            guard epoch == self.epoch else { return false }
            for case .function(let next) in deliveries {
                let line = QueueKeys.events(next.function)
                added(next.function, QueueKeys.waiting(line, due: now, order: 0))
            }
            service.bucketDeliveries.wake()
        }
        return false
    }

    /// Commits what became of an event; tries until that has worked, for its function must not run again. Waits while
    /// the state is being exchanged.
    private func note(_ epoch: Int, _ body: @escaping @Sendable (Transaction) throws -> Void) async {
        while epoch == self.epoch {
            guard let store = state?.store else {
                if isEnding { return }
                await withCheckedContinuation { waitingForState.append($0) }
                continue
            }
            commits.begin()
            let isDone = await commit(body, to: store)
            commits.end()
            if isDone || isEnding { return }
            await sleep(milliseconds: 1_000)
        }
    }

    /// - Returns: whether there is nothing to be tried again.
    private func commit(
        _ body: @escaping @Sendable (Transaction) throws -> Void, to store: Store
    ) async -> Bool {
        do {
            try await store.commit(body)
            return true
        } catch StoreError.closed {
            return store === state?.store
        } catch {
            log("The outcome of an asynchronous event cannot be stored yet: \(error).")
            return false
        }
    }
}
