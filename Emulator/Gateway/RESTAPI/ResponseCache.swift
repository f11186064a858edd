import HTTPTypes
import Synchronization

/// The cache of a stage: answers of integrations, each for its time to live.
final class ResponseCache: Sendable {
    /// Bytes; "Cached response: 1,048,576 bytes".
    static let largestItem = 1_048_576
    /// Bytes of all items together; the smallest cluster of AWS has 0.5 GB.
    private static let capacity = 64 << 20

    private struct Item {
        let response: HTTPResponse
        let expires: UInt64
        let bytes: Int
    }

    private struct State {
        var items: [String: Item] = [:]
        var bytes = 0
    }
    private let state = Mutex(State())

    /// - Parameter now: milliseconds on a clock that never goes back.
    func response(for key: String, now: UInt64) -> HTTPResponse? {
        state.withLock { state in
            guard let item = state.items[key] else { return nil }
            if item.expires > now { return item.response }
            state.bytes -= item.bytes
            state.items[key] = nil
            return nil
        }
    }

    /// Keeps an answer of 2xx unless it is too large.
    func keep(_ response: HTTPResponse, for key: String, seconds: Int, now: UInt64) {
        guard seconds > 0, (200...299).contains(response.status), let body = response.body.bytes,
            body.count <= Self.largestItem
        else { return }
        let bytes = body.count + response.headers.wireBytes + key.utf8.count
        state.withLock { state in
            state.bytes -= state.items[key]?.bytes ?? 0
            if state.bytes + bytes > Self.capacity {
                state.items = state.items.filter { $0.value.expires > now }
                state.bytes = state.items.values.reduce(0) { $0 + $1.bytes }
                if state.bytes + bytes > Self.capacity { state = State() }
            }
            state.items[key] = Item(
                response: response, expires: now + UInt64(seconds) * 1_000, bytes: bytes)
            state.bytes += bytes
        }
    }

    /// FlushStageCache.
    func flush() { state.withLock { $0 = State() } }
}
