import CUV

/// A TCP connection, accepted or made. It lives until `close`, by either side, without being held.
@EventLoop public final class TCPConnection {
    /// The peer's IP address, without port.
    public let peerAddress: String
    /// Bytes that arrived; they are valid during the call only. Reading starts with `resumeReading`.
    public var onBytes: (@EventLoop (UnsafeRawBufferPointer) -> Void)?
    /// The peer will send no more; it may still read.
    public var onEnd: (@EventLoop () -> Void)?
    /// The connection is gone, for whatever reason. Called once, and it ends all three closures' lives.
    public var onClose: (@EventLoop () -> Void)?

    private var handle: UnsafeMutablePointer<uv_tcp_t>?
    private var reading = false

    init?(acceptingFrom server: UnsafeMutablePointer<uv_stream_t>) {
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        mustSucceed(uv_tcp_init(EventLoop.loop, handle), "uv_tcp_init")
        guard uv_accept(server, handle.stream) == 0 else {
            peerAddress = ""
            uv_close(handle.base) { base in
                guard let base else { return }
                UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
            }
            return nil
        }
        uv_tcp_nodelay(handle, 1)
        peerAddress = SocketAddress.reading { uv_tcp_getpeername(handle, $0, $1) }?.ip ?? ""
        self.handle = handle
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Begins to connect to an IP address. `done` is called once, after this has returned: with nil when the
    /// connection stands, else with the reason, and the connection is closed then.
    ///
    /// - Throws: `connectFailed` for what is no address, and when the system has no socket left.
    public init(
        connectingTo address: String, port: Int, done: @escaping @EventLoop (NetError?) -> Void
    ) throws(NetError) {
        guard let target = SocketAddress(numeric: address, port: port) else {
            throw .connectFailed(host: address, port: port, reason: "this is no IP address")
        }
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        mustSucceed(uv_tcp_init(EventLoop.loop, handle), "uv_tcp_init")
        uv_tcp_nodelay(handle, 1)
        peerAddress = address
        self.handle = handle
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let attempt = Attempt { code in
            if code < 0 { self.close() }
            done(
                code < 0 ? .connectFailed(host: address, port: port, reason: NetError.reason(code)) : nil)
        }
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(attempt).toOpaque()
        let code = target.withPointer {
            uv_tcp_connect(request, handle, $0, unsafeBitCast(Self.onConnected, to: uv_connect_cb.self))
        }
        guard code < 0 else { return }
        Unmanaged<Attempt>.fromOpaque(request.pointee.data).release()
        request.deallocate()
        close()
        throw .connectFailed(host: address, port: port, reason: NetError.reason(code))
    }

    private final class Attempt {
        let done: @EventLoop (Int32) -> Void
        init(_ done: @escaping @EventLoop (Int32) -> Void) { self.done = done }
    }

    private static let onConnected:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_connect_t>?, Int32) -> Void = {
            request, code in
            guard let request, let data = request.pointee.data else { return }
            request.deallocate()
            Unmanaged<Attempt>.fromOpaque(data).takeRetainedValue().done(code)
            EventLoop.endCallback()
        }

    public var isClosed: Bool { handle == nil }

    /// Bytes that the kernel has taken from `sendFile` so far: a slow transfer goes on as long as this grows.
    public internal(set) var fileBytesSent: Int64 = 0

    /// The socket's descriptor, for calls that libuv does not have; nil once the connection is closed.
    public var socket: Int32? {
        guard let handle else { return nil }
        var descriptor: uv_os_fd_t = -1
        return uv_fileno(handle.base, &descriptor) == 0 ? descriptor : nil
    }

    /// Bytes accepted by `write` that the kernel has not taken yet.
    public var pendingWriteBytes: Int { handle.map { uv_stream_get_write_queue_size($0.stream) } ?? 0 }

    public func resumeReading() {
        guard let handle, !reading else { return }
        reading = true
        mustSucceed(
            uv_read_start(
                handle.stream, unsafeBitCast(ReadBuffer.allocate, to: uv_alloc_cb.self),
                unsafeBitCast(Self.onRead, to: uv_read_cb.self)), "uv_read_start")
    }

    /// No `onBytes`, `onEnd` until `resumeReading`; the peer's bytes wait in the kernel and hold it back.
    public func pauseReading() {
        guard let handle, reading else { return }
        reading = false
        uv_read_stop(handle.stream)
    }

    /// Sends all of `bytes`. `done` is called once, maybe before this returns: when the kernel has the
    /// bytes, or when the connection was closed before (`isClosed`).
    public func write(_ bytes: [UInt8], done: (@EventLoop () -> Void)? = nil) {
        bytes.withUnsafeBytes { write($0, done: done) }
    }

    /// Like `write` of an array; what the kernel does not take at once is copied.
    public func write(_ bytes: UnsafeRawBufferPointer, done: (@EventLoop () -> Void)? = nil) {
        guard let handle, !bytes.isEmpty else {
            done?()
            return
        }
        var rest = bytes
        if uv_stream_get_write_queue_size(handle.stream) == 0 {
            var buffer = uv_buf_init(
                UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self)),
                UInt32(clamping: bytes.count))
            let count = Int(uv_try_write(handle.stream, &buffer, 1))
            if count == bytes.count {
                done?()
                return
            }
            if count < 0, count != Int(UV_EAGAIN.rawValue) {
                close()
                done?()
                return
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[max(0, count)...])
        }
        PendingWrite.start(rest, to: handle.stream) { status in
            if status < 0 { self.close() }
            done?()
        }
    }

    /// Sends bytes that stay valid and unchanged until `done`, without a copy.
    func write(borrowing bytes: UnsafeMutableRawBufferPointer, done: @escaping @EventLoop () -> Void) {
        guard let handle else { return done() }
        PendingWrite.start(borrowing: bytes, to: handle.stream) { status in
            if status < 0 { self.close() }
            done()
        }
    }

    /// Tells the peer, after all writes, that nothing more will come; reading goes on. `done` is called once,
    /// when that is with the kernel or when the connection was closed before.
    public func finishWriting(done: @escaping @EventLoop () -> Void) {
        guard let handle else { return done() }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(Completion(done)).toOpaque()
        let code = uv_shutdown(
            request, handle.stream, unsafeBitCast(Self.onFinished, to: uv_shutdown_cb.self))
        guard code < 0 else { return }
        // The peer has gone already.
        Unmanaged<Completion>.fromOpaque(request.pointee.data).release()
        request.deallocate()
        close()
        done()
    }

    private static let onFinished:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_shutdown_t>?, Int32) -> Void = {
            request, _ in
            guard let request, let data = request.pointee.data else { return }
            request.deallocate()
            Unmanaged<Completion>.fromOpaque(data).takeRetainedValue().done()
            EventLoop.endCallback()
        }

    private final class Completion {
        let done: @EventLoop () -> Void
        init(_ done: @escaping @EventLoop () -> Void) { self.done = done }
    }

    /// Ends the connection at once. Bytes that are still pending are dropped.
    public func close() {
        guard let handle else { return }
        self.handle = nil
        reading = false
        uv_close(handle.base, unsafeBitCast(Self.onClosed, to: uv_close_cb.self))
    }

    /// Ends the connection with a reset: the peer learns that it did not get all.
    public func reset() {
        guard let handle else { return }
        self.handle = nil
        reading = false
        let closed = unsafeBitCast(Self.onClosed, to: uv_close_cb.self)
        if uv_tcp_close_reset(handle, closed) < 0 { uv_close(handle.base, closed) }
    }

    private static let onRead:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_stream_t>?, Int, UnsafePointer<uv_buf_t>?) -> Void =
            {
                stream, count, _ in
                guard let data = stream?.pointee.data else { return }
                let connection = Unmanaged<TCPConnection>.fromOpaque(data).takeUnretainedValue()
                if count > 0 {
                    connection.onBytes?(UnsafeRawBufferPointer(rebasing: ReadBuffer.bytes[..<count]))
                } else if count == Int(UV_EOF.rawValue) {
                    connection.pauseReading()
                    connection.onEnd?()
                } else if count < 0 {
                    connection.close()
                }
                EventLoop.endCallback()
            }

    private static let onClosed: @convention(c) @EventLoop (UnsafeMutablePointer<uv_handle_t>?) -> Void = {
        base in
        guard let base, let data = base.pointee.data else { return }
        UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
        let connection = Unmanaged<TCPConnection>.fromOpaque(data).takeRetainedValue()
        let onClose = connection.onClose
        connection.onBytes = nil
        connection.onEnd = nil
        connection.onClose = nil
        onClose?()
        EventLoop.endCallback()
    }
}
