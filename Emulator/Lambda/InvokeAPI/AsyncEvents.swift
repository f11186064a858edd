import AWSProtocol
import Clock
import Net

/// Events that were accepted with `202` and wait for their function, in memory: they are lost when the
/// emulator ends. A function error is retried after the configured delays with the same request id; a
/// throttle is tried again, ever more slowly, and does not count as an attempt.
@EventLoop final class AsyncEvents {
    /// What may wait at once, so that a flood cannot take all memory.
    static let maximumEvents = 10_000
    static let maximumBytes = 64 * 1_048_576
    /// AWS drops an event that is six hours old.
    private static let maximumAgeMilliseconds: Int64 = 6 * 3600 * 1000
    private static let longestThrottleDelayMilliseconds = 300_000

    private unowned let service: LambdaService
    private var count = 0
    private var bytes = 0
    private var tasks: [Int: Task<Void, Never>] = [:]
    private var nextTask = 0

    init(service: LambdaService) { self.service = service }

    /// - Returns: false when no more events fit.
    func accept(_ name: String, payload: [UInt8], _ options: InvokeOptions) -> Bool {
        guard count < Self.maximumEvents, bytes + payload.count <= Self.maximumBytes else { return false }
        count += 1
        bytes += payload.count
        let number = nextTask
        nextTask += 1
        tasks[number] = Task { @EventLoop in
            await self.run(name, payload, options)
            self.count -= 1
            self.bytes -= payload.count
            self.tasks[number] = nil
        }
        return true
    }

    func cancel() {
        for task in tasks.values { task.cancel() }
    }

    private func run(_ name: String, _ payload: [UInt8], _ options: InvokeOptions) async {
        let accepted = service.monotonicMilliseconds
        var delays = service.configuration.asyncRetryDelaysMs[...]
        var throttleDelay = 1000
        while !Task.isCancelled, service.monotonicMilliseconds - accepted < Self.maximumAgeMilliseconds {
            switch await service.invoke(name, payload: payload, options) {
            case .functionError:
                guard let delay = delays.popFirst() else { return }
                await sleep(milliseconds: delay)
            case .throttled:
                // With a reserved concurrency of 0 nothing will ever run: AWS gives up at once.
                guard service.hosts[name]?.definition.reservedConcurrency ?? 0 > 0 else { return }
                await sleep(milliseconds: throttleDelay)
                throttleDelay = min(throttleDelay * 2, Self.longestThrottleDelayMilliseconds)
            case .startFailure:
                await sleep(milliseconds: throttleDelay)
                throttleDelay = min(throttleDelay * 2, Self.longestThrottleDelayMilliseconds)
            case .success, .functionNotFound, .requestTooLarge: return
            }
        }
    }
}
