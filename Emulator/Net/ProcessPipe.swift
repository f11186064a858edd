import CUV

/// Our end of one of a child's standard streams.
@EventLoop final class ProcessPipe {
    private var handle: UnsafeMutablePointer<uv_pipe_t>?
    /// Bytes the child wrote; valid during the call only.
    var onBytes: (@EventLoop (UnsafeRawBufferPointer) -> Void)?
    /// The child's end is closed, or `close` was called. Called once.
    var onClose: (@EventLoop () -> Void)?

    init() {
        let handle = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
        mustSucceed(uv_pipe_init(EventLoop.loop, handle, 0), "uv_pipe_init")
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        self.handle = handle
    }

    /// How `uv_spawn` is told to make this pipe; `readable` says what the child does with it.
    func container(readable: Bool) -> uv_stdio_container_t {
        var container = uv_stdio_container_t()
        let direction = readable ? UV_READABLE_PIPE : UV_WRITABLE_PIPE
        container.flags = uv_stdio_flags(UV_CREATE_PIPE.rawValue | direction.rawValue)
        container.data.stream = handle?.stream
        return container
    }

    /// Makes the pipe for a child that `uv_spawn` does not start. A real pipe, which a child can also open by
    /// its name in `/dev` or `/proc`.
    /// - Returns: the child's end, to be closed here once the child has it.
    func open() throws(SystemError) -> Int32 {
        var ends: [uv_file] = [-1, -1]
        let code = uv_pipe(&ends, Int32(UV_NONBLOCK_PIPE.rawValue), 0)
        guard code == 0 else { throw SystemError(call: "pipe", code: -code) }
        mustSucceed(uv_pipe_open(handle, ends[0]), "uv_pipe_open")
        return ends[1]
    }

    func startReading() {
        guard let handle else { return }
        mustSucceed(
            uv_read_start(
                handle.stream, unsafeBitCast(ReadBuffer.allocate, to: uv_alloc_cb.self),
                unsafeBitCast(Self.onRead, to: uv_read_cb.self)), "uv_read_start")
    }

    /// Writes all bytes, then closes. A child that does not read them is no error.
    func writeAndClose(_ bytes: [UInt8]) {
        guard let handle, !bytes.isEmpty else { return close() }
        bytes.withUnsafeBytes { PendingWrite.start($0, to: handle.stream) { _ in self.close() } }
    }

    func close() {
        guard let handle else { return }
        self.handle = nil
        uv_close(handle.base, unsafeBitCast(Self.onClosed, to: uv_close_cb.self))
    }

    private static let onRead:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_stream_t>?, Int, UnsafePointer<uv_buf_t>?) -> Void =
            {
                stream, count, _ in
                guard let data = stream?.pointee.data else { return }
                let pipe = Unmanaged<ProcessPipe>.fromOpaque(data).takeUnretainedValue()
                if count > 0 {
                    pipe.onBytes?(UnsafeRawBufferPointer(rebasing: ReadBuffer.bytes[..<count]))
                } else if count < 0 {
                    pipe.close()
                }
                EventLoop.endCallback()
            }

    private static let onClosed: @convention(c) @EventLoop (UnsafeMutablePointer<uv_handle_t>?) -> Void = {
        base in
        guard let base, let data = base.pointee.data else { return }
        UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_pipe_t.self).deallocate()
        let pipe = Unmanaged<ProcessPipe>.fromOpaque(data).takeRetainedValue()
        let onClose = pipe.onClose
        pipe.onBytes = nil
        pipe.onClose = nil
        onClose?()
        EventLoop.endCallback()
    }
}
