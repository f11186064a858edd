import CUV

/// Calls `handler` on the loop each time the process gets `signal`, instead of what the system would do.
/// Handlers stay for the life of the process; several for one signal are all called.
@EventLoop public func onSignal(_ signal: Int32, _ handler: @escaping @EventLoop () -> Void) {
    let watch = SignalWatch(handler)
    let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
    mustSucceed(uv_signal_init(EventLoop.loop, handle), "uv_signal_init")
    handle.pointee.data = Unmanaged.passRetained(watch).toOpaque()
    mustSucceed(
        uv_signal_start(handle, unsafeBitCast(SignalWatch.onSignal, to: uv_signal_cb.self), signal),
        "uv_signal_start")
}

@EventLoop private final class SignalWatch {
    private let handler: @EventLoop () -> Void

    init(_ handler: @escaping @EventLoop () -> Void) { self.handler = handler }

    static let onSignal: @convention(c) @EventLoop (UnsafeMutablePointer<uv_signal_t>?, Int32) -> Void = {
        handle, _ in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<SignalWatch>.fromOpaque(data).takeUnretainedValue().handler()
        EventLoop.endCallback()
    }
}
