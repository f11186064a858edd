import Glibc

/// A connected TCP socket. The descriptor stays in blocking mode: a wait without deadline is then one
/// system call, and a wait with deadline is poll(2) followed by a call that cannot block. It has one user at a time.
final class Socket {
    let descriptor: Int32
    /// What the kernel knows of ``receive(into:milliseconds:)``; 0 is for ever.
    private var receiveTimeout = 0

    private init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to the first address that answers. Without `deadline` the kernel's limits apply.
    static func connect(
        host: String, port: Int, deadline: Deadline?
    ) throws(HTTPClientError) -> Socket {
        var lastError = HTTPClientError.resolve(host)
        for address in try AddressResolver.resolve(host, port: port) {
            do {
                return try connect(address, name: "\(host):\(port)", deadline: deadline)
            } catch .timeout(let phase) {
                throw .timeout(phase)
            } catch {
                lastError = error
            }
        }
        throw lastError
    }

    private static func connect(
        _ address: SocketAddress, name: String, deadline: Deadline?
    ) throws(HTTPClientError) -> Socket {
        let descriptor = Glibc.socket(
            address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .connect("\(name): \(reason(errno))") }
        let socket = Socket(adopting: descriptor)
        // Requests go out whole, so Nagle's algorithm could only delay their last segment.
        var on: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        if deadline != nil { socket.setNonBlocking(true) }
        var copy = address
        let length = address.length
        let result = withUnsafePointer(to: &copy.storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length)
            }
        }
        if result != 0 {
            // An interrupted connect goes on in the background, as a non-blocking one does.
            guard errno == EINPROGRESS || errno == EINTR else { throw .connect("\(name): \(reason(errno))") }
            try socket.wait(for: Int16(POLLOUT), deadline: deadline, phase: .connect)
            var failure: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
            guard failure == 0 else { throw .connect("\(name): \(reason(failure))") }
        }
        if deadline != nil { socket.setNonBlocking(false) }
        return socket
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    private func setNonBlocking(_ on: Bool) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
    }

    /// Returns when `events` (or an error or hang-up, which the next call then reports) are there.
    func wait(for events: Int16, deadline: Deadline?, phase: TimeoutPhase) throws(HTTPClientError) {
        while true {
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let count = poll(&entry, 1, deadline?.remainingMilliseconds ?? -1)
            if count > 0 { return }
            if count == 0 { throw .timeout(phase) }
            if errno != EINTR { throw .closed }
        }
    }

    /// Bytes received, 0 at the end of the stream. The kernel keeps the time, so that a wait is one system call.
    /// - Parameter milliseconds: the longest silence; nil waits for ever.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, milliseconds: Int?
    ) throws(HTTPClientError) -> Int {
        // To the kernel 0 means for ever.
        let limit = milliseconds.map { max(1, $0) } ?? 0
        if limit != receiveTimeout {
            var time = timeval(tv_sec: limit / 1_000, tv_usec: limit % 1_000 * 1_000)
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
            receiveTimeout = limit
        }
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: throw .timeout(.read)
            default: throw .closed
            }
        }
    }

    /// Bytes received, 0 at the end of the stream.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, deadline: Deadline?
    ) throws(HTTPClientError) -> Int {
        while true {
            if deadline != nil { try wait(for: Int16(POLLIN), deadline: deadline, phase: .read) }
            let flags = deadline == nil ? 0 : Int32(MSG_DONTWAIT)
            let count = recv(descriptor, buffer.baseAddress, buffer.count, flags)
            if count >= 0 { return count }
            switch errno {
            case EINTR, EAGAIN: continue
            default: throw .closed
            }
        }
    }

    /// Sends everything or throws.
    func send(_ bytes: UnsafeRawBufferPointer, deadline: Deadline?) throws(HTTPClientError) {
        let flags =
            Int32(MSG_NOSIGNAL) | (deadline == nil ? 0 : Int32(MSG_DONTWAIT))
        var done = 0
        while done < bytes.count {
            let count = Glibc.send(descriptor, bytes.baseAddress! + done, bytes.count - done, flags)
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: try wait(for: Int16(POLLOUT), deadline: deadline, phase: .write)
            default: throw .closed
            }
        }
    }

    /// Whether a kept connection can take another request: bytes that nobody asked for, or the end of
    /// the stream, mean that it cannot.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return recv(descriptor, &byte, 1, flags) < 0 && (errno == EAGAIN || errno == EINTR)
    }
}
