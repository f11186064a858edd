import HTTPServer
import Net

/// What comes of an invocation whose answer may be streamed.
public enum StreamedOutcome: Sendable {
    /// Throttled, not found, and the like: the function has not run.
    case refused(InvokeOutcome)
    /// The function has answered in one piece, or failed before its answer began.
    case whole(InvokeResult)
    /// The answer has begun.
    case stream(StreamedAnswer)
}

/// An answer that is still being made.
@EventLoop public final class StreamedAnswer: Sendable {
    /// The `Content-Type` that the runtime gave it.
    public let contentType: String?
    public let requestID: String
    /// `$LATEST`, or a number.
    public let executedVersion: String
    /// The function's bytes as they come. Broken off when the function fails in the middle.
    public let body: BodyStream
    private let invocation: StreamedInvocation

    init(contentType: String?, requestID: String, executedVersion: String, _ invocation: StreamedInvocation) {
        self.contentType = contentType
        self.requestID = requestID
        self.executedVersion = executedVersion
        body = invocation.body
        self.invocation = invocation
    }

    /// What became of the invocation, once that is known: after the end of ``body``. The payload is empty, or the
    /// error's document when `functionError` is set.
    public func complete() async -> InvokeResult? { await invocation.result() }

    /// The status and header fields that precede the body of an answer for HTTP integrations, taken off ``body``.
    /// - Returns: nil when the content type says that there are none.
    public func prelude() async throws(HTTPPreludeError) -> HTTPPrelude? {
        guard let contentType, HTTPPrelude.isAnnounced(by: contentType) else { return nil }
        return try await HTTPPrelude.take(off: body)
    }
}

extension LambdaService {
    /// Invokes a function and returns as soon as its answer begins. An answer may take 200 MiB; whoever reads
    /// slowly holds the function back, whoever stops reading (`body.cancel()`) lets it run to its end unheard.
    public func invokeStreaming(
        _ name: String, payload: [UInt8], _ options: InvokeOptions = InvokeOptions()
    ) async -> StreamedOutcome {
        let invocation = StreamedInvocation()
        return await withCheckedContinuation { continuation in
            invocation.onStart = { continuation.resume(returning: $0) }
            submit(name, payload, options, stream: invocation) { invocation.finished($0) }
        }
    }
}

/// Leads from the environment that serves an invocation to the invoker who takes its answer piece by piece.
@EventLoop final class StreamedInvocation {
    let body = BodyStream()
    /// Called once, when the answer begins or when it is clear that none will be streamed.
    var onStart: ((StreamedOutcome) -> Void)?
    private var outcome: InvokeOutcome?
    private var waiters: [CheckedContinuation<InvokeResult?, Never>] = []

    /// The runtime has begun to post its answer.
    func begin(contentType: String?, requestID: String, executedVersion: String) {
        let answer = StreamedAnswer(
            contentType: contentType, requestID: requestID, executedVersion: executedVersion, self)
        start(.stream(answer))
    }

    func finished(_ outcome: InvokeOutcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        switch outcome {
        case .success(let result):
            body.finish()
            start(.whole(result))
        case .functionError(let result):
            body.fail("the function failed")
            start(.whole(result))
        case .throttled, .functionNotFound, .requestTooLarge, .startFailure:
            body.fail("the invocation was given up")
            start(.refused(outcome))
        }
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.resume(returning: outcome.result) }
    }

    private func start(_ start: StreamedOutcome) {
        let onStart = onStart
        self.onStart = nil
        onStart?(start)
    }

    /// nil when the emulator went down meanwhile.
    func result() async -> InvokeResult? {
        if let outcome { return outcome.result }
        return await withCheckedContinuation { waiters.append($0) }
    }
}

extension InvokeOutcome {
    /// What the function, or the platform for it, answered; nil when it did not run.
    var result: InvokeResult? {
        switch self {
        case .success(let result), .functionError(let result): result
        case .throttled, .functionNotFound, .requestTooLarge, .startFailure: nil
        }
    }
}
