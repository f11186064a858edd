import CUV
import Glibc

/// An IPv4 or IPv6 address with a port, in the form the system wants.
struct SocketAddress {
    private var storage = sockaddr_storage()

    /// `host` is an IP address or a name; the name's first address counts.
    init(host: String, port: Int) throws(NetError) {
        guard (0...65_535).contains(port) else {
            throw .listenFailed(host: host, port: port, reason: "ports go from 0 to 65535")
        }
        if fill(numeric: host, port: port) { return }
        try resolve(host, port: port)
    }

    /// An IP address; nil for anything else, names included.
    init?(numeric host: String, port: Int) {
        guard (0...65_535).contains(port), fill(numeric: host, port: port) else { return nil }
    }

    private mutating func fill(numeric host: String, port: Int) -> Bool {
        withUnsafeMutablePointer(to: &storage) {
            uv_ip4_addr(host, Int32(port), $0.rebound(to: sockaddr_in.self)) == 0
                || uv_ip6_addr(host, Int32(port), $0.rebound(to: sockaddr_in6.self)) == 0
        }
    }

    /// Asks the system's resolver: blocks, so it is for start-up only.
    private mutating func resolve(_ host: String, port: Int) throws(NetError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list,
            let address = first.pointee.ai_addr
        else { throw .unknownHost(host) }
        defer { freeaddrinfo(list) }
        let length = min(Int(first.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
    }

    private init() {}

    /// Reads an address by a call that fills it in; nil when the call fails.
    static func reading(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32
    ) -> SocketAddress? {
        var address = SocketAddress()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &address.storage) {
            call($0.rebound(to: sockaddr.self), &length)
        }
        return code == 0 ? address : nil
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            body(UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self))
        }
    }

    var port: Int {
        withUnsafeBytes(of: storage) { bytes in
            // sin_port and sin6_port are at the same place, in network order.
            Int(UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }

    /// `127.0.0.1` or `::1`, without port.
    var ip: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress else { return "" }
            return withPointer { uv_ip_name($0, start, text.count) == 0 ? String(cString: start) : "" }
        }
    }
}

extension UnsafeMutablePointer {
    fileprivate func rebound<Other>(to: Other.Type) -> UnsafeMutablePointer<Other> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: Other.self)
    }
}
