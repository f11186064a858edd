import CUV

/// libuv's handle types are C structs that begin with the same fields; these are the casts its
/// documentation prescribes.
extension UnsafeMutablePointer<uv_tcp_t> {
    var stream: UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_stream_t.self)
    }
    var base: UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
    }
}

extension UnsafeMutablePointer<uv_pipe_t> {
    var stream: UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_stream_t.self)
    }
    var base: UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
    }
}

/// One buffer receives the bytes of all sockets and pipes: libuv reads and reports in one step, so it is
/// free again when the callback returns.
@EventLoop enum ReadBuffer {
    static let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    static let allocate:
        @convention(c) @EventLoop (
            UnsafeMutablePointer<uv_handle_t>?, Int, UnsafeMutablePointer<uv_buf_t>?
        ) -> Void = { _, _, buffer in
            buffer?.pointee = uv_buf_init(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
        }
}

/// A write that the kernel did not take at once: a copy of the rest, released when it is out.
@EventLoop final class PendingWrite {
    private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableRawBufferPointer
    private let ownsBytes: Bool
    private let done: @EventLoop (Int32) -> Void

    /// Copies `rest`; calls `done` once with 0 or a negative error code.
    static func start(
        _ rest: UnsafeRawBufferPointer, to stream: UnsafeMutablePointer<uv_stream_t>,
        done: @escaping @EventLoop (Int32) -> Void
    ) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: rest.count, alignment: 16)
        copy.copyMemory(from: rest)
        PendingWrite(copy, ownsBytes: true, done).start(stream)
    }

    /// Without a copy: `bytes` must stay as they are until `done`.
    static func start(
        borrowing bytes: UnsafeMutableRawBufferPointer, to stream: UnsafeMutablePointer<uv_stream_t>,
        done: @escaping @EventLoop (Int32) -> Void
    ) {
        PendingWrite(bytes, ownsBytes: false, done).start(stream)
    }

    private init(
        _ bytes: UnsafeMutableRawBufferPointer, ownsBytes: Bool, _ done: @escaping @EventLoop (Int32) -> Void
    ) {
        self.bytes = bytes
        self.ownsBytes = ownsBytes
        self.done = done
    }

    private func start(_ stream: UnsafeMutablePointer<uv_stream_t>) {
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        var buffer = uv_buf_init(
            bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(clamping: bytes.count))
        mustSucceed(
            uv_write(request, stream, &buffer, 1, unsafeBitCast(Self.onWritten, to: uv_write_cb.self)),
            "uv_write")
    }

    private static let onWritten:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_write_t>?, Int32) -> Void = {
            request, status in
            guard let data = request?.pointee.data else { return }
            let write = Unmanaged<PendingWrite>.fromOpaque(data).takeRetainedValue()
            write.request.deallocate()
            if write.ownsBytes { write.bytes.deallocate() }
            write.done(status)
            EventLoop.endCallback()
        }
}
