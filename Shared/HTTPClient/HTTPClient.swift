import Bytes
import HTTPTypes
import Synchronization

/// Whatever sends a request and waits for its response; lets tests stand in for the network.
public protocol HTTPSending: Sendable {
    /// - Parameters:
    ///   - request: `target` is the raw path and query.
    ///   - url: names scheme, host and port; its path and query are not used.
    ///   - timeoutMilliseconds: bounds the whole call; nil leaves only the client's own limits.
    func send(
        _ request: HTTPRequest, to url: URLParts, timeoutMilliseconds: Int?
    ) throws(HTTPClientError) -> HTTPResponse
}

extension HTTPSending {
    public func send(_ request: HTTPRequest, to url: URLParts) throws(HTTPClientError) -> HTTPResponse {
        try send(request, to: url, timeoutMilliseconds: nil)
    }
}

/// A blocking HTTP/1.1 client (RFC 9110, RFC 9112) with kept connections and TLS 1.2 or later.
///
/// Any status is a response; only a missing response throws. Redirects are not followed and bodies are
/// not decompressed. It may be used from several threads.
public final class HTTPClient: HTTPSending {
    public struct Options: Sendable {
        /// Name lookup excluded; TLS handshake included.
        public var connectTimeoutMilliseconds: Int
        /// The longest silence while a response is awaited.
        public var readTimeoutMilliseconds: Int
        /// Idle connections kept per scheme, host and port.
        public var maxIdlePerHost: Int
        /// The longest accepted body.
        public var maxResponseBytes: Int
        /// Trusted roots as a PEM file, or as a directory hashed by `openssl rehash`.
        public var caFile: String?
        public var caDirectory: String?

        public init(
            connectTimeoutMilliseconds: Int = 3000, readTimeoutMilliseconds: Int = 30_000,
            maxIdlePerHost: Int = 4, maxResponseBytes: Int = 32 << 20,
            caFile: String? = ProcessEnvironment.value("SSL_CERT_FILE"),
            caDirectory: String? = ProcessEnvironment.value("SSL_CERT_DIR")
        ) {
            self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
            self.readTimeoutMilliseconds = readTimeoutMilliseconds
            self.maxIdlePerHost = maxIdlePerHost
            self.maxResponseBytes = maxResponseBytes
            self.caFile = caFile
            self.caDirectory = caDirectory
        }
    }

    /// Up to here head and body leave in one write.
    private static let joinedBodyBytes = 65_536

    private let options: Options
    private let pool: ConnectionPool
    /// Made by the first https call: plain HTTP must not pay for it.
    private let tls = Mutex<TLSContext?>(nil)

    public init(options: Options = Options()) {
        self.options = options
        pool = ConnectionPool(maxIdlePerOrigin: options.maxIdlePerHost)
    }

    public func send(
        _ request: HTTPRequest, to url: URLParts, timeoutMilliseconds: Int? = nil
    ) throws(HTTPClientError) -> HTTPResponse {
        let deadline = timeoutMilliseconds.map { Deadline(milliseconds: $0) }
        let body: [UInt8]
        do { body = try request.body.readAll() } catch {
            throw .protocolViolation("request body: \(error)")
        }
        // Short bodies leave in one write with the head.
        let isJoined = body.count <= Self.joinedBodyBytes
        var head = try RequestEncoder.head(
            request, host: url.hostHeader, bodyLength: body.count, roomFor: isJoined ? body.count : 0)
        if isJoined { head.append(body) }
        let message = Message(method: request.method, head: head, rest: isJoined ? [] : body)
        let origin = ConnectionPool.Origin(scheme: url.scheme, host: url.host, port: url.port)

        if let kept = pool.take(origin) {
            do {
                return try exchange(message, on: kept, origin, deadline)
            } catch .closed where !kept.hasStartedResponse {
                // The peer gave up the idle connection while this request was on its way. A fresh
                // connection gets one try; failures there are the caller's to judge.
            }
        }
        let fresh = try open(url, deadline: deadline)
        return try exchange(message, on: fresh, origin, deadline)
    }

    /// A request as it goes over the wire.
    private struct Message: ~Copyable {
        let method: String
        let head: ByteBuffer
        let rest: [UInt8]
    }

    private func open(_ url: URLParts, deadline: Deadline?) throws(HTTPClientError) -> HTTPConnection {
        let limits = ResponseParser.Limits(bodyBytes: options.maxResponseBytes)
        let limit = Deadline(milliseconds: options.connectTimeoutMilliseconds).earlier(of: deadline)
        guard url.isTLS else {
            return try .plain(host: url.host, port: url.port, limits: limits, deadline: limit)
        }
        return try .secure(
            host: url.host, port: url.port, context: try tlsContext(), limits: limits, deadline: limit)
    }

    private func tlsContext() throws(HTTPClientError) -> TLSContext {
        try tls.withLock { context throws(HTTPClientError) in
            if let context { return context }
            let store = TrustStore.find(file: options.caFile, directory: options.caDirectory)
            let made = try TLSContext(store)
            context = made
            return made
        }
    }

    private func exchange(
        _ message: borrowing Message, on connection: HTTPConnection, _ origin: ConnectionPool.Origin,
        _ deadline: Deadline?
    ) throws(HTTPClientError) -> HTTPResponse {
        connection.begin(method: message.method)
        let isWritten = try write(message, on: connection, deadline)
        let response = try connection.readResponse(
            readTimeout: options.readTimeoutMilliseconds, deadline: deadline)
        if isWritten, connection.keepsAlive { pool.put(connection, origin) }
        return response
    }

    /// False when the peer stopped reading: it may have answered before (say, 413) and closed.
    private func write(
        _ message: borrowing Message, on connection: HTTPConnection, _ deadline: Deadline?
    ) throws(HTTPClientError) -> Bool {
        // Without a limit for the whole call, the read timeout also bounds a peer that never reads.
        let limit = Deadline(milliseconds: options.readTimeoutMilliseconds).earlier(of: deadline)
        do {
            try connection.write(message.head, deadline: limit)
            if !message.rest.isEmpty { try connection.write(message.rest, deadline: limit) }
            return true
        } catch .closed {
            return false
        }
    }
}
