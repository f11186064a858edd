/// Finds the IP addresses of hosts.
public enum HostLookup {
    /// The addresses to try, in their order. IP addresses and `localhost` (always this machine: RFC 6761, section
    /// 6.3) are known at once; for other names a thread asks the system's resolver.
    public static func addresses(of host: String) async throws(NetError) -> [String] {
        if SocketAddress(numeric: host, port: 0) != nil { return [host] }
        if host == "localhost" || host.hasSuffix(".localhost") { return ["127.0.0.1", "::1"] }
        do {
            return try await runBlocking { [try SocketAddress(host: host, port: 0).ip] }
        } catch {
            throw .unknownHost(host)
        }
    }
}
