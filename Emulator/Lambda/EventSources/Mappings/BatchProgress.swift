import Clock
import JSON

/// One batch of a stream's records on its way through calls of the function: what is sent next, and what becomes of
/// it. Pure: calls, clock and waits are the driver's.
struct BatchProgress {
    enum Condition: String, Sendable {
        case retriesExhausted = "RetryAttemptsExhausted"
        case ageExceeded = "RecordAgeExceeded"
    }

    /// What the function said last.
    struct Answer: Sendable, Equatable {
        var version: String
        /// Nil when it only named records that failed.
        var error: String?
    }

    /// Records that are sent together.
    struct Chunk: Sendable, Equatable {
        var records: [StreamRecord]
        /// Calls that failed and used up a retry.
        var failures = 0
        var calls = 0
        var requestID = ""
        var answer: Answer?
    }

    enum Step: Equatable {
        /// Call the function with the first chunk.
        case call
        /// Records that go to the on-failure destination; then ask again.
        case giveUp(Chunk, Condition)
        /// Everything is dealt with.
        case done
    }

    private(set) var chunks: [Chunk]
    let settings: EventSourceMapping.Settings
    /// Position behind all that is dealt with.
    private(set) var position: Int64

    init(_ records: [StreamRecord], _ settings: EventSourceMapping.Settings) {
        chunks = records.isEmpty ? [] : [Chunk(records: records)]
        self.settings = settings
        position = records.first?.position ?? 0
    }

    var current: Chunk? { chunks.first }

    /// How often the current chunk has failed in a row; for growing pauses.
    var failures: Int { chunks.first.map(\.failures) ?? 0 }

    /// - Parameter now: decides which records are too old.
    mutating func next(now: Timestamp) -> Step {
        guard let chunk = chunks.first else { return .done }
        if settings.maximumRetries >= 0, chunk.failures > settings.maximumRetries {
            drop()
            return .giveUp(chunk, .retriesExhausted)
        }
        guard settings.maximumAgeSeconds >= 0 else { return .call }
        let limit = Int64(settings.maximumAgeSeconds) * 1000
        let fresh = chunk.records.firstIndex { now - $0.time <= limit } ?? chunk.records.count
        guard fresh > 0 else { return .call }
        var old = chunk
        old.records = Array(chunk.records[..<fresh])
        finish(fresh)
        return .giveUp(old, .ageExceeded)
    }

    mutating func called(_ requestID: String) {
        guard !chunks.isEmpty else { return }
        chunks[0].calls += 1
        chunks[0].requestID = requestID
    }

    mutating func succeeded() { drop() }

    /// The whole chunk failed. Splitting it uses up no retry.
    mutating func failed(_ answer: Answer) {
        guard var chunk = chunks.first else { return }
        chunk.answer = answer
        guard settings.bisects, chunk.records.count > 1 else {
            chunk.failures += 1
            chunks[0] = chunk
            return
        }
        let middle = (chunk.records.count + 1) / 2
        var second = chunk
        second.records = Array(chunk.records[middle...])
        chunk.records = Array(chunk.records[..<middle])
        chunks.replaceSubrange(0...0, with: [chunk, second])
    }

    /// Records from `index` on failed; those before it are done.
    mutating func failed(from index: Int, _ answer: Answer) {
        guard !chunks.isEmpty else { return }
        finish(index)
        guard !chunks.isEmpty else { return }
        chunks[0].failures += 1
        chunks[0].answer = answer
    }

    private mutating func drop() { finish(chunks.first?.records.count ?? 0) }

    /// The first records of the first chunk are dealt with.
    private mutating func finish(_ count: Int) {
        guard let chunk = chunks.first, count > 0 else { return }
        position = chunk.records[count - 1].position + 1
        if count == chunk.records.count {
            chunks.removeFirst()
        } else {
            chunks[0].records.removeFirst(count)
        }
    }
}

/// What a function with `ReportBatchItemFailures` says of its batch.
enum BatchItemFailures: Equatable {
    case none
    case all
    /// Ids of failed items.
    case some([String])

    /// - Parameter known: ids of the batch's items.
    init(_ payload: [UInt8], known: Set<String>) {
        if payload.isEmpty {
            self = .none
            return
        }
        guard let answer = try? JSONValue.parse(payload, limits: JSONLimits(maxDepth: 1000)) else {
            self = .all
            return
        }
        guard let failures = answer["batchItemFailures"], !failures.isNull else {
            // Nothing, or something that does not speak of items.
            self = .none
            return
        }
        guard let list = failures.array else {
            self = .all
            return
        }
        let ids = list.compactMap { $0["itemIdentifier"]?.string }
        let isKnown = ids.count == list.count && ids.allSatisfy { !$0.isEmpty && known.contains($0) }
        self = list.isEmpty ? .none : isKnown ? .some(ids) : .all
    }
}
