import AWSProtocol
import Bytes
import Clock
import JSON
import Net
import Store

/// Invokes functions by the clock, asynchronously as EventBridge does. A time that was missed, as the emulator did not
/// run or the machine slept, is not made up for.
@EventLoop final class Scheduler {
    /// A time is still kept when it is noticed so late.
    private static let tolerance: Int64 = 60_000
    private static let longestSleep: Int64 = 1_000

    private struct Entry {
        let schedule: Schedule
        /// When it was made; rates count from there.
        var start: Timestamp
        var next: Timestamp?
    }

    unowned let service: LambdaService
    private var schedules: [Schedule] = []
    private var entries: [Entry] = []
    private var state: LambdaState?
    private var timer: LoopTimer?
    /// When the clock was last read.
    private(set) var lastLook: Timestamp?

    init(service: LambdaService) { self.service = service }

    /// Replaces all schedules.
    func declare(_ schedules: [Schedule]) {
        self.schedules = schedules
        restart()
    }

    func open(_ state: LambdaState) {
        self.state = state
        restart()
    }

    func pause() {
        state = nil
        timer?.cancel()
        timer = nil
        entries = []
    }

    private func restart() {
        guard let store = state?.store else { return }
        let now = service.clock.now
        var made: [Entry] = []
        entries = schedules.map { schedule in
            var entry = Entry(schedule: schedule, start: now)
            if let start = Self.start(of: schedule, store) { entry.start = start } else { made.append(entry) }
            entry.next = schedule.expression.next(after: now, start: entry.start)
            return entry
        }
        let fresh = made.map { ($0.schedule, $0.start) }
        if !fresh.isEmpty {
            Task {
                do {
                    try await store.commit {
                        for (schedule, start) in fresh { Self.write(schedule, start, in: $0) }
                    }
                } catch {
                    // Its rate counts from the next start then.
                }
            }
        }
        tick()
    }

    private func tick() {
        timer?.cancel()
        timer = nil
        let now = service.clock.now
        // A clock that was set back shows some times again.
        if let lastLook, now < lastLook {
            for index in entries.indices {
                entries[index].next = entries[index].schedule.expression.next(
                    after: now, start: entries[index].start)
            }
        }
        lastLook = now
        var next: Timestamp?
        for index in entries.indices {
            let entry = entries[index]
            if let due = entry.next, due <= now {
                if now - due <= Self.tolerance { fire(entry.schedule, at: due) }
                entries[index].next = entry.schedule.expression.next(after: now, start: entry.start)
            }
            if let time = entries[index].next { next = min(next ?? time, time) }
        }
        guard let next else { return }
        // A clock that is moved by hand is looked at now and then.
        let delay = Int(min(Self.longestSleep, max(1, next - now)))
        timer = LoopTimer(afterMilliseconds: delay) { [weak self] in self?.tick() }
    }

    private func fire(_ schedule: Schedule, at time: Timestamp) {
        let id = UUID4.make()
        let payload = schedule.event(
            at: time, region: service.configuration.region, accountID: service.configuration.accountID, id: id
        )
        Task { @EventLoop in
            do throws(AWSError) {
                try await self.service.invokeLater(
                    schedule.function, payload: payload, requestID: UUID4.make())
            } catch {
                self.service.asyncEvents.log(
                    "Schedule '\(schedule.name)' could not invoke function '\(schedule.function)': "
                        + (error.message ?? error.code))
            }
        }
    }

    // MARK: - When a schedule was made

    private static func start(of schedule: Schedule, _ store: Store) -> Timestamp? {
        let stored = try? store.read { try $0.get(.functions, QueueKeys.schedule(schedule.name)) }
        guard let stored, let json = try? JSONValue.parse(stored),
            json["expression"]?.string == schedule.text,
            let start = json["start"]?.int64
        else { return nil }
        return Timestamp(milliseconds: start)
    }

    private nonisolated static func write(
        _ schedule: Schedule, _ start: Timestamp, in transaction: Transaction
    ) {
        let object: JSONObject = [
            "expression": .string(schedule.text), "start": .number(JSONNumber(start.milliseconds)),
        ]
        transaction.put(.functions, QueueKeys.schedule(schedule.name), object.encoded())
    }
}
