import Bytes
import HTTPTypes

/// One HTTP/1.1 connection, plain or TLS. It has one user at a time: the pool hands it out and takes
/// it back, which is what makes passing it between threads sound.
package final class HTTPConnection: @unchecked Sendable {
    private enum Transport {
        case plain(Socket)
        case tls(TLSSession, Socket)
    }

    private let transport: Transport
    private var parser: ResponseParser
    private var chunk = [UInt8](repeating: 0, count: 16_384)

    private init(_ transport: Transport, limits: ResponseParser.Limits) {
        self.transport = transport
        parser = ResponseParser(limits: limits)
    }

    /// A plain connection; without deadline every later wait is a single system call.
    package static func plain(
        host: String, port: Int, limits: ResponseParser.Limits, deadline: Deadline?
    ) throws(HTTPClientError) -> HTTPConnection {
        HTTPConnection(.plain(try .connect(host: host, port: port, deadline: deadline)), limits: limits)
    }

    static func secure(
        host: String, port: Int, context: TLSContext, limits: ResponseParser.Limits, deadline: Deadline?
    ) throws(HTTPClientError) -> HTTPConnection {
        let socket = try Socket.connect(host: host, port: port, deadline: deadline)
        let session = try TLSSession(context, socket: socket, host: host, deadline: deadline)
        return HTTPConnection(.tls(session, socket), limits: limits)
    }

    /// Whether an idle connection still looks usable.
    var isReusable: Bool {
        guard !parser.hasSurplus else { return false }
        switch transport {
        case .plain(let socket): return socket.isQuiet
        // A TLS 1.3 server may send session tickets at any time: bytes are no sign of trouble here.
        case .tls: return true
        }
    }

    /// Whether the response read last allows another request.
    package var keepsAlive: Bool { parser.keepsAlive }

    /// Whether any byte of the current response has come.
    package var hasStartedResponse: Bool { parser.hasStarted }

    package func write(_ bytes: [UInt8], deadline: Deadline?) throws(HTTPClientError) {
        var failure: HTTPClientError?
        bytes.withUnsafeBytes { bytes in
            do throws(HTTPClientError) { try write(bytes, deadline: deadline) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func write(_ bytes: borrowing ByteBuffer, deadline: Deadline?) throws(HTTPClientError) {
        var failure: HTTPClientError?
        bytes.withBytes { bytes in
            do throws(HTTPClientError) { try write(bytes, deadline: deadline) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, deadline: Deadline?) throws(HTTPClientError) {
        switch transport {
        case .plain(let socket): try socket.send(bytes, deadline: deadline)
        case .tls(let session, _): try session.send(bytes, deadline: deadline)
        }
    }

    /// Announces that a request with `method` is being sent, before ``readResponse``.
    package func begin(method: String) { parser.begin(method: method) }

    /// The response to the request begun last. `readTimeout` (milliseconds) starts again with each
    /// byte; `deadline` bounds the whole.
    package func readResponse(
        readTimeout: Int? = nil, deadline: Deadline? = nil
    ) throws(HTTPClientError) -> HTTPResponse {
        while true {
            if let response = try parser.next() { return response }
            let count = try receive(within: readTimeout, deadline: deadline)
            guard count > 0 else { return try parser.finish() }
        }
    }

    private func receive(within readTimeout: Int?, deadline: Deadline?) throws(HTTPClientError) -> Int {
        var count = 0
        var failure: HTTPClientError?
        chunk.withUnsafeMutableBytes { buffer in
            do throws(HTTPClientError) {
                count = try receive(into: buffer, within: readTimeout, deadline: deadline)
                parser.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return count
    }

    private func receive(
        into buffer: UnsafeMutableRawBufferPointer, within readTimeout: Int?, deadline: Deadline?
    ) throws(HTTPClientError) -> Int {
        switch transport {
        case .plain(let socket):
            if deadline == nil { return try socket.receive(into: buffer, milliseconds: readTimeout) }
            return try socket.receive(into: buffer, deadline: Self.limit(readTimeout, deadline))
        case .tls(let session, _):
            return try session.receive(into: buffer, deadline: Self.limit(readTimeout, deadline))
        }
    }

    private static func limit(_ readTimeout: Int?, _ deadline: Deadline?) -> Deadline? {
        readTimeout.map { Deadline(milliseconds: $0).earlier(of: deadline) } ?? deadline
    }
}
