import HTTPTypes
import Net

/// The answer that a request waits for: what it is given by whoever answers without a Task, now or later.
@EventLoop public final class HTTPReply {
    private var connection: ServerConnection?
    /// Called at most once, when nobody waits for the answer any more; not after the answer.
    public var onCancel: (@EventLoop () -> Void)?

    /// Nobody waits any more: who would wait for something before answering need not.
    public private(set) var isCancelled = false

    init(_ connection: ServerConnection) { self.connection = connection }

    /// Answers; does nothing the second time.
    public func send(_ response: HTTPResponse) {
        let connection = connection
        self.connection = nil
        onCancel = nil
        connection?.answer(response)
    }

    func cancel() {
        let onCancel = onCancel
        self.onCancel = nil
        isCancelled = true
        onCancel?()
    }
}
