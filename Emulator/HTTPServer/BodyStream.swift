import HTTPTypes
import Net

/// A body that passes from one who makes it to one who takes it, in pieces, while both work. What waits between
/// them is bounded: whoever makes more is held back.
@EventLoop public final class BodyStream: StreamedBody {
    /// How a body ended.
    public enum Ending: Sendable, Equatable {
        /// With the fields that came behind it, if any.
        case complete(trailers: HTTPHeaders)
        /// The rest will not come.
        case broken(reason: String)
    }

    /// Known once the maker has said it; pieces may still be waiting then.
    public private(set) var ending: Ending?
    /// Whether the taker has gone. Nothing is kept any more.
    public private(set) var isCancelled = false
    /// Called once, when the taker goes.
    public var onCancel: (@EventLoop () -> Void)?
    /// Called when there is room again after `offer` has answered false.
    var onRoom: (@EventLoop () -> Void)?

    private let capacity: Int
    private var pieces: [[UInt8]] = []
    private var first = 0
    private var waitingBytes = 0
    private var reader: CheckedContinuation<[UInt8]?, Never>?
    private var writers: [CheckedContinuation<Void, Never>] = []

    /// - Parameter capacity: bytes that may wait before the maker is held back.
    public init(capacity: Int = 65_536) { self.capacity = capacity }

    /// A body that is there already.
    public convenience init(_ bytes: [UInt8]) {
        self.init()
        _ = offer(bytes)
        finish()
    }

    /// Places that pieces take or have taken, for tests.
    var places: Int { pieces.count }

    /// Whether the maker is held back.
    var isFull: Bool { waitingBytes >= capacity }

    /// Whether the taker waits for a piece.
    var isAwaited: Bool { reader != nil }

    // MARK: - For the maker

    /// Hands over a piece and waits while too much lies there already.
    /// - Returns: false when the taker has gone; what is written then is dropped.
    public func write(_ bytes: [UInt8]) async -> Bool {
        if offer(bytes) || isCancelled { return !isCancelled }
        await withCheckedContinuation { writers.append($0) }
        return !isCancelled
    }

    /// Hands over a piece. False asks to hold back until `onRoom`.
    func offer(_ bytes: [UInt8]) -> Bool {
        guard !isCancelled, ending == nil, !bytes.isEmpty else { return true }
        if let reader {
            self.reader = nil
            reader.resume(returning: bytes)
            return true
        }
        pieces.append(bytes)
        waitingBytes += bytes.count
        return waitingBytes < capacity
    }

    /// All pieces have been handed over.
    public func finish(trailers: HTTPHeaders = HTTPHeaders()) { end(.complete(trailers: trailers)) }

    /// There will be no more, although the body is not complete.
    public func fail(_ reason: String) { end(.broken(reason: reason)) }

    private func end(_ ending: Ending) {
        guard self.ending == nil else { return }
        self.ending = ending
        // Nobody has to take what lies there before the maker may go on: there is nothing more to make.
        resumeWriters()
        let reader = reader
        self.reader = nil
        reader?.resume(returning: nil)
    }

    // MARK: - For the taker

    /// The next piece, once there is one; nil at the end, which `ending` then describes, or after `cancel`.
    /// One at a time.
    public func next() async -> [UInt8]? {
        if first < pieces.count { return takeFirst() }
        if ending != nil || isCancelled { return nil }
        return await withCheckedContinuation { reader = $0 }
    }

    /// Gives back the rest of a piece that was taken: it comes again before all others.
    public func putBack(_ bytes: [UInt8]) {
        guard !isCancelled, !bytes.isEmpty else { return }
        waitingBytes += bytes.count
        if first > 0 {
            first -= 1
            pieces[first] = bytes
        } else {
            pieces.insert(bytes, at: 0)
        }
    }

    private func takeFirst() -> [UInt8] {
        let piece = pieces[first]
        pieces[first] = []
        first += 1
        if first == pieces.count {
            pieces.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 64, 2 * first > pieces.count {
            // A maker that is always ahead must not leave a place behind for every piece.
            pieces.removeFirst(first)
            first = 0
        }
        waitingBytes -= piece.count
        if waitingBytes < capacity { makeRoom() }
        return piece
    }

    /// Nobody wants the rest.
    public func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        pieces = []
        first = 0
        waitingBytes = 0
        makeRoom()
        let reader = reader
        self.reader = nil
        reader?.resume(returning: nil)
        let onCancel = onCancel
        self.onCancel = nil
        onCancel?()
    }

    private func makeRoom() {
        resumeWriters()
        onRoom?()
    }

    private func resumeWriters() {
        let writers = writers
        self.writers = []
        for writer in writers { writer.resume() }
    }
}
