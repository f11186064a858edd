import CUV

/// Calls a closure once or at a fixed pace. A running timer lives without being held; `cancel` ends it.
@EventLoop public final class LoopTimer {
    private var handle: UnsafeMutablePointer<uv_timer_t>?
    private var fire: (@EventLoop () -> Void)?
    private let repeats: Bool

    /// `afterMilliseconds` is at least 0; a repeating timer uses it as its period, too (at least 1).
    public init(
        afterMilliseconds: Int, repeating: Bool = false, _ fire: @escaping @EventLoop () -> Void
    ) {
        self.fire = fire
        repeats = repeating
        let handle = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
        self.handle = handle
        mustSucceed(uv_timer_init(EventLoop.loop, handle), "uv_timer_init")
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        // The loop's idea of now may be old when the job that calls this has run for long.
        uv_update_time(EventLoop.loop)
        let delay = UInt64(max(0, afterMilliseconds))
        mustSucceed(
            uv_timer_start(
                handle, unsafeBitCast(Self.onFire, to: uv_timer_cb.self), delay, repeating ? max(1, delay) : 0
            ),
            "uv_timer_start")
    }

    /// The closure will not be called any more. Does nothing the second time.
    public func cancel() {
        fire = nil
        guard let handle else { return }
        self.handle = nil
        handle.withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
            uv_close($0, unsafeBitCast(Self.onClosed, to: uv_close_cb.self))
        }
    }

    private static let onFire: @convention(c) @EventLoop (UnsafeMutablePointer<uv_timer_t>?) -> Void = {
        handle in
        guard let data = handle?.pointee.data else { return }
        let timer = Unmanaged<LoopTimer>.fromOpaque(data).takeUnretainedValue()
        let fire = timer.fire
        if !timer.repeats { timer.cancel() }
        fire?()
        EventLoop.endCallback()
    }

    private static let onClosed: @convention(c) @EventLoop (UnsafeMutablePointer<uv_handle_t>?) -> Void = {
        handle in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<LoopTimer>.fromOpaque(data).release()
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_timer_t.self).deallocate()
    }
}

/// Waits; ends early, without an error, when the Task is cancelled.
@EventLoop public func sleep(milliseconds: Int) async {
    let sleeper = Sleeper()
    await withTaskCancellationHandler {
        await withCheckedContinuation { sleeper.start($0, milliseconds: milliseconds) }
    } onCancel: {
        Task { @EventLoop in sleeper.wake() }
    }
}

@EventLoop private final class Sleeper {
    private var continuation: CheckedContinuation<Void, Never>?
    private var timer: LoopTimer?

    nonisolated init() {}

    func start(_ continuation: CheckedContinuation<Void, Never>, milliseconds: Int) {
        self.continuation = continuation
        if Task.isCancelled { return wake() }
        timer = LoopTimer(afterMilliseconds: milliseconds) { self.wake() }
    }

    func wake() {
        timer?.cancel()
        timer = nil
        continuation?.resume()
        continuation = nil
    }
}
