import HTTPClient
import HTTPTypes
import Net

/// One connection to a backend: one request at a time, its answer read as it comes.
@EventLoop final class BackendConnection {
    /// Bytes; "Quotas for HTTP APIs" and "Quotas for REST APIs".
    static let largestAnswer = 10 << 20
    /// Up to here head and body leave in one write.
    private static let joinedBodyBytes = 65_536

    /// When it was last left idle, in milliseconds of the loop's clock.
    private(set) var idleSince: UInt64 = 0
    /// What is awaited has to come until then; nil while nothing is.
    private(set) var deadline: UInt64?
    /// Called once, when the connection is gone.
    var onEnd: (@EventLoop (BackendConnection) -> Void)?

    private var connection: TCPConnection?
    private var parser = ResponseParser(limits: .init(bodyBytes: BackendConnection.largestAnswer))
    private var connecting: CheckedContinuation<BackendFailure?, Never>?
    private var awaiting: (@EventLoop (BackendResult) -> Void)?
    private var isExpired = false

    init() {}

    /// Whether another request may be sent.
    ///
    /// Not while a body is still on its way to a backend that has answered before its end, and may never read it.
    var isReusable: Bool {
        guard let connection, !connection.isClosed, connection.pendingWriteBytes == 0 else { return false }
        return awaiting == nil && parser.keepsAlive
    }

    /// nil when the connection stands.
    func connect(to address: String, port: Int, deadline: UInt64) async -> BackendFailure? {
        self.deadline = deadline
        return await withCheckedContinuation { continuation in
            connecting = continuation
            do throws(NetError) {
                let made = try TCPConnection(connectingTo: address, port: port) { self.connected($0) }
                made.onBytes = { self.received($0) }
                made.onEnd = { self.ended() }
                made.onClose = { self.closed() }
                connection = made
            } catch {
                connected(error)
                // No connection was made, so nothing else would tell of its end.
                closed()
            }
        }
    }

    private func connected(_ error: NetError?) {
        guard let connecting else { return }
        self.connecting = nil
        deadline = nil
        if error == nil { connection?.resumeReading() }
        let failure = error.map { isExpired ? BackendFailure.timedOut : .unreachable("\($0)") }
        connecting.resume(returning: failure)
    }

    /// Sends a request and waits for its answer.
    func exchange(
        method: String, head: [UInt8], body: [UInt8], deadline: UInt64
    ) async -> BackendResult {
        await withCheckedContinuation { continuation in
            exchange(method: method, head: head, body: body, deadline: deadline) {
                continuation.resume(returning: $0)
            }
        }
    }

    /// As above, without a Task: `deliver` is called once, when the connection can take another request.
    func exchange(
        method: String, head: [UInt8], body: [UInt8], deadline: UInt64,
        deliver: @escaping @EventLoop (BackendResult) -> Void
    ) {
        guard let connection, !connection.isClosed else {
            return deliver(.failure(.closed(afterBytes: false)))
        }
        self.deadline = deadline
        parser.begin(method: method)
        awaiting = deliver
        if body.isEmpty {
            connection.write(head)
        } else if body.count <= Self.joinedBodyBytes {
            connection.write(head + body)
        } else {
            connection.write(head)
            connection.write(body)
        }
    }

    /// Its time is up.
    func expire() {
        isExpired = true
        if awaiting != nil { finish(.failure(.timedOut)) }
        connection?.close()
    }

    func close() { connection?.close() }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard awaiting != nil else {
            // Nobody has asked for anything.
            connection?.close()
            return
        }
        parser.append(bytes)
        do throws(HTTPClientError) {
            guard let response = try parser.next() else { return }
            if parser.hasSurplus { connection?.close() }
            finish(.answer(response))
        } catch {
            connection?.close()
            finish(.failure(Self.failure(error, afterBytes: parser.hasStarted)))
        }
    }

    private func ended() {
        if awaiting != nil {
            do throws(HTTPClientError) {
                finish(.answer(try parser.finish()))
            } catch {
                finish(.failure(Self.failure(error, afterBytes: parser.hasStarted)))
            }
        }
        connection?.close()
    }

    private func closed() {
        finish(.failure(.closed(afterBytes: parser.hasStarted)))
        connection = nil
        let onEnd = self.onEnd
        self.onEnd = nil
        onEnd?(self)
    }

    private func finish(_ result: BackendResult) {
        guard let awaiting else { return }
        self.awaiting = nil
        deadline = nil
        idleSince = EventLoop.nowMilliseconds
        awaiting(result)
    }

    private static func failure(_ error: HTTPClientError, afterBytes: Bool) -> BackendFailure {
        switch error {
        case .tooLarge: .tooLarge
        case .closed: .closed(afterBytes: afterBytes)
        default: .badAnswer(error.description)
        }
    }
}
