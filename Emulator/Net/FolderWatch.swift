import CUV

/// Tells of changes to the files of one folder, not of those below. It lives without being held; `cancel` ends it.
@EventLoop public final class FolderWatch {
    private var handle: UnsafeMutablePointer<uv_fs_event_t>?
    private var changed: (@EventLoop (_ name: String) -> Void)?

    /// `changed` gets the name of each file that was made, written, renamed or removed; several times for one
    /// change. The empty name means that the system could not say which.
    public init(
        _ folder: String, changed: @escaping @EventLoop (_ name: String) -> Void
    ) throws(SystemError) {
        self.changed = changed
        let handle = UnsafeMutablePointer<uv_fs_event_t>.allocate(capacity: 1)
        mustSucceed(uv_fs_event_init(EventLoop.loop, handle), "uv_fs_event_init")
        self.handle = handle
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let code = uv_fs_event_start(
            handle, unsafeBitCast(Self.onChange, to: uv_fs_event_cb.self), folder, 0)
        guard code == 0 else {
            cancel()
            throw SystemError(call: "watching \(folder)", code: -code)
        }
    }

    /// The closure will not be called any more. Does nothing the second time.
    public func cancel() {
        changed = nil
        guard let handle else { return }
        self.handle = nil
        handle.withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
            uv_close($0, unsafeBitCast(Self.onClosed, to: uv_close_cb.self))
        }
    }

    private static let onChange:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_fs_event_t>?, UnsafePointer<CChar>?, Int32, Int32)
            -> Void = { handle, name, _, _ in
                guard let data = handle?.pointee.data else { return }
                let watch = Unmanaged<FolderWatch>.fromOpaque(data).takeUnretainedValue()
                watch.changed?(name.map { String(cString: $0) } ?? "")
                EventLoop.endCallback()
            }

    private static let onClosed: @convention(c) @EventLoop (UnsafeMutablePointer<uv_handle_t>?) -> Void = {
        handle in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<FolderWatch>.fromOpaque(data).release()
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_fs_event_t.self).deallocate()
    }
}
