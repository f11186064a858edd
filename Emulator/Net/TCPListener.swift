import CUV

/// Accepts TCP connections on one address.
@EventLoop public final class TCPListener {
    /// The port, also when 0 was asked for.
    public let port: Int
    private var handle: UnsafeMutablePointer<uv_tcp_t>?
    private let onConnection: @EventLoop (TCPConnection) -> Void

    /// Connections that may wait to be accepted. The kernel caps it with net.core.somaxconn.
    private static let backlog: Int32 = 4_096

    /// Listens at once; port 0 takes a free one.
    public init(
        host: String, port: Int, onConnection: @escaping @EventLoop (TCPConnection) -> Void
    ) throws(NetError) {
        let address = try SocketAddress(host: host, port: port)
        self.onConnection = onConnection
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        mustSucceed(uv_tcp_init(EventLoop.loop, handle), "uv_tcp_init")
        var code = address.withPointer { uv_tcp_bind(handle, $0, 0) }
        if code == 0 {
            code = uv_listen(
                handle.stream, Self.backlog, unsafeBitCast(Self.onIncoming, to: uv_connection_cb.self))
        }
        guard code == 0 else {
            uv_close(handle.base) { base in
                guard let base else { return }
                UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
            }
            throw .listening(host: host, port: port, code: code)
        }
        self.port = SocketAddress.reading { uv_tcp_getsockname(handle, $0, $1) }?.port ?? port
        self.handle = handle
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Stops listening; accepted connections live on.
    public func close() {
        guard let handle else { return }
        self.handle = nil
        uv_close(handle.base, unsafeBitCast(Self.onClosed, to: uv_close_cb.self))
    }

    private static let onIncoming:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_stream_t>?, Int32) -> Void = {
            server, status in
            guard let server, let data = server.pointee.data else { return }
            let listener = Unmanaged<TCPListener>.fromOpaque(data).takeUnretainedValue()
            // A client that is gone before it was accepted is no concern of ours.
            guard status == 0, let connection = TCPConnection(acceptingFrom: server) else { return }
            if listener.handle == nil { connection.close() } else { listener.onConnection(connection) }
            EventLoop.endCallback()
        }

    private static let onClosed: @convention(c) @EventLoop (UnsafeMutablePointer<uv_handle_t>?) -> Void = {
        base in
        guard let base, let data = base.pointee.data else { return }
        UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
        Unmanaged<TCPListener>.fromOpaque(data).release()
    }
}
