import HTTPTypes
import Net

/// Sends a body as it comes: a piece is asked for when the kernel has taken the one before, so that a slow peer
/// holds back whoever makes the body.
@EventLoop final class StreamTransfer {
    private let body: BodyStream
    private let isChunked: Bool
    private let connection: TCPConnection
    private let done: @EventLoop () -> Void

    /// - Parameter done: called once, when the kernel has all bytes or the connection was closed before.
    init(
        _ body: BodyStream, isChunked: Bool, over connection: TCPConnection,
        done: @escaping @EventLoop () -> Void
    ) {
        self.body = body
        self.isChunked = isChunked
        self.connection = connection
        self.done = done
    }

    /// Whether the peer waits for the body's maker, and not we for the peer.
    var isAwaitingBody: Bool { body.isAwaited }

    func start() {
        Task.immediate(executorPreference: EventLoop.taskExecutor) { @EventLoop in await self.run() }
    }

    /// The connection is gone.
    func cancel() { body.cancel() }

    private func run() async {
        while let piece = await body.next(), !connection.isClosed {
            await write(isChunked ? Self.chunk(piece) : piece)
        }
        if connection.isClosed {
            body.cancel()
        } else if case .broken = body.ending {
            // The peer must not take a part for the whole: without chunks, an orderly end would say just that.
            if isChunked { connection.close() } else { connection.reset() }
        } else if isChunked {
            await write(Array("0\r\n\r\n".utf8))
        }
        done()
    }

    private func write(_ bytes: [UInt8]) async {
        await withCheckedContinuation { continuation in
            connection.write(bytes) { continuation.resume() }
        }
    }

    /// RFC 9112, section 7.1.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(bytes.count + 12)
        chunk.append(contentsOf: String(bytes.count, radix: 16).utf8)
        chunk.append(contentsOf: [0x0D, 0x0A])
        chunk.append(contentsOf: bytes)
        chunk.append(contentsOf: [0x0D, 0x0A])
        return chunk
    }
}
