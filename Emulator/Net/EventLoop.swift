import CUV

/// The emulator's one event loop: a thread that waits for sockets, timers, child processes and jobs.
/// All objects of this module belong to it.
@globalActor public actor EventLoop {
    public static let shared = EventLoop()

    nonisolated let executor = LoopExecutor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// For `Task(executorPreference:)`: code that belongs to no actor runs on the loop, too.
    public static var taskExecutor: any TaskExecutor { shared.executor }

    /// Whether the caller runs on the loop's thread.
    public static var isCurrent: Bool { shared.executor.isCurrentThread }

    @EventLoop static var loop: UnsafeMutablePointer<uv_loop_t> { shared.executor.loop }

    /// Milliseconds on a clock that never goes back, read once per turn of the loop.
    @EventLoop public static var nowMilliseconds: UInt64 { uv_now(loop) }

    /// Ends each callback of libuv: runs the jobs that it caused.
    @EventLoop static func endCallback() { shared.executor.drain() }
}

/// Asserts that a libuv call that can only fail by a mistake of ours did not.
@inline(__always)
func mustSucceed(_ code: Int32, _ call: StaticString) {
    precondition(code >= 0, "\(call): \(NetError.reason(code))")
}
