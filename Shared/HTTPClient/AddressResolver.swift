import CTLS
import Glibc
import Synchronization

/// A socket address of either family.
struct SocketAddress {
    var storage: sockaddr_storage
    var length: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    init(v4 address: in_addr, port: Int) {
        var socket = sockaddr_in()
        socket.sin_family = sa_family_t(AF_INET)
        socket.sin_port = in_port_t(port).bigEndian
        socket.sin_addr = address
        self.init(copying: socket)
    }

    init(v6 address: in6_addr, port: Int) {
        var socket = sockaddr_in6()
        socket.sin6_family = sa_family_t(AF_INET6)
        socket.sin6_port = in_port_t(port).bigEndian
        socket.sin6_addr = address
        self.init(copying: socket)
    }

    private init<T>(copying socket: T) {
        storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: socket) { target.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<T>.size)
    }

    init(_ info: addrinfo) {
        storage = sockaddr_storage()
        length = info.ai_addrlen
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
        }
    }
}

enum AddressResolver {
    /// The addresses of `host` in order of preference.
    ///
    /// Numeric addresses and `localhost` (always loopback, RFC 6761, section 6.3) never reach the
    /// system's resolver, which costs milliseconds to start and reads several files.
    static func resolve(_ host: String, port: Int) throws(HTTPClientError) -> [SocketAddress] {
        if let address = numeric(host, port: port) { return [address] }
        if host == "localhost" || host.hasSuffix(".localhost") {
            let loopback = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
            return [SocketAddress(v4: loopback, port: port), SocketAddress(v6: in6addr_loopback, port: port)]
        }
        return try lookUp(host, port: port)
    }

    static func numeric(_ host: String, port: Int) -> SocketAddress? {
        var v4 = in_addr()
        if inet_pton(AF_INET, host, &v4) == 1 { return SocketAddress(v4: v4, port: port) }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, host, &v6) == 1 { return SocketAddress(v6: v6, port: port) }
        return nil
    }

    private static let configured = Mutex(false)

    private static func lookUp(_ host: String, port: Int) throws(HTTPClientError) -> [SocketAddress] {
        configured.withLock { done in
            if !done { ctls_configure_host_lookup() }
            done = true
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw .resolve("\(host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            addresses.append(SocketAddress(info))
            next = info.ai_next
        }
        guard !addresses.isEmpty else { throw .resolve("\(host): no address") }
        return addresses
    }
}
