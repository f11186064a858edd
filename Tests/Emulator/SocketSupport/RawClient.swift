import Glibc

public struct ClientError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A blocking TCP client that sends exactly the bytes a test wants. Used on a thread of its own.
public final class RawClient {
    public let descriptor: Int32
    /// Received and not yet asked for.
    private var buffer: [UInt8] = []
    private var hasEnded = false

    public init(port: Int, timeoutSeconds: Int = 120) throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw ClientError("socket: \(errno)") }
        descriptor = made
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(made, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw ClientError("connect to \(port): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientError("send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Sends a FIN and goes on reading.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// False at the end of the stream.
    private func fill() throws -> Bool {
        if hasEnded { return false }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count >= 0 else { throw ClientError("recv: \(String(cString: strerror(errno)))") }
        hasEnded = count == 0
        buffer += chunk[0..<count]
        return count > 0
    }

    /// Everything up to the end of the stream.
    public func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// Exactly `count` bytes.
    public func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else {
                throw ClientError("the stream ended after \(buffer.count) of \(count) bytes")
            }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// Reads `count` bytes of the pattern and keeps none.
    public func drain(_ count: Int) throws {
        var offset = 0
        var bytes = buffer[...]
        buffer = []
        while true {
            guard bytes == Pattern.bytes(from: offset, count: bytes.count) else {
                throw ClientError("the bytes from \(offset) differ")
            }
            offset += bytes.count
            if offset >= count { return }
            var chunk = [UInt8](repeating: 0, count: min(65_536, count - offset))
            let read = recv(descriptor, &chunk, chunk.count, 0)
            guard read > 0 else { throw ClientError("the stream ended after \(offset) of \(count) bytes") }
            bytes = chunk[..<read]
        }
    }

    /// Through the next empty line.
    public func readHead() throws -> String {
        let mark = Array("\r\n\r\n".utf8)
        var from = 0
        while true {
            while from + 4 <= buffer.count {
                if Array(buffer[from..<from + 4]) == mark {
                    return String(decoding: try read(from + 4), as: UTF8.self)
                }
                from += 1
            }
            guard try fill() else { throw ClientError("the stream ended within a head") }
        }
    }

    /// The next response; its body ends by `Content-Length`, which a response to HEAD does not keep.
    public func readResponse(isHead: Bool = false) throws -> RawResponse {
        let lines = try readHead().split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw ClientError("no colon in '\(line)'") }
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let length = isHead || status < 200 || status == 204 ? 0 : Int(fields["content-length"] ?? "0") ?? 0
        return RawResponse(
            statusLine: lines.first ?? "", status: status, fields: fields, body: try read(length))
    }
}

/// A long stream of bytes that repeats with a prime period, so that no buffer's size hides a mistake.
public enum Pattern {
    private static let period = 65_521
    private static let table = (0..<(period + 131_072)).map {
        UInt8(truncatingIfNeeded: $0 % period &* 31 >> 3)
    }

    /// At most 131072 bytes of the stream, from `offset`.
    public static func bytes(from offset: Int, count: Int) -> ArraySlice<UInt8> {
        let start = offset % period
        return table[start..<(start + count)]
    }

    /// Calls `body` with pieces of the first `count` bytes.
    public static func pieces(_ count: Int, _ body: ([UInt8]) throws -> Void) rethrows {
        for offset in stride(from: 0, to: count, by: 65_536) {
            try body(Array(bytes(from: offset, count: min(65_536, count - offset))))
        }
    }
}

public struct RawResponse: Sendable {
    public let statusLine: String
    public let status: Int
    /// By lower-case name.
    public let fields: [String: String]
    public let body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Runs blocking client code on a thread of its own, so that it holds up neither the loop nor other tests.
public func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result
{
    try await withCheckedThrowingContinuation { continuation in
        let job = Job { continuation.resume(with: Swift.Result { try work() }) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            {
                Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(job).toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            continuation.resume(throwing: ClientError("no thread"))
        }
    }
}

private final class Job {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

/// Resident memory of this process, in bytes.
public func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
}

/// A new empty folder; the caller removes it.
public func makeTemporaryFolder() throws -> String {
    var template = Array("/tmp/net-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ClientError("mkdtemp: \(errno)") }
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}
