import Clock
import Net

/// One invocation, from its arrival until it is answered and its log is closed.
@EventLoop final class Invocation {
    let number: EnvironmentPool.InvocationID
    let requestID: String
    let payload: [UInt8]
    let options: InvokeOptions
    /// As invoked: with the qualifier if there was one.
    let functionARN: String
    let traceID: String
    /// Gives the outcome to the invoker; nil once that has happened.
    private var deliver: ((InvokeOutcome) -> Void)?
    /// Is told of the outcome, too.
    var observer: ((InvokeOutcome) -> Void)?

    /// What the invoker gets, once known.
    struct Answer {
        var payload: [UInt8]
        var isError = false
        var timedOut = false
        /// The platform has put it in the place of the function's.
        var isPlatforms = false
    }
    var answer: Answer?

    /// When the event was handed over, or the init inside the invocation began; monotonic nanoseconds.
    var startedAt: UInt64 = 0
    /// When the runtime polled again.
    var finishedAt: UInt64?
    /// The same moment as ``startedAt`` plus the timeout, for the runtime.
    var deadline = Timestamp(milliseconds: 0)
    /// How long the environment took to start for this invocation.
    var initMs: Double?
    var failure: LogLines.Report.Failure?
    /// Kept only for invokers who asked.
    var tail: LogTail?
    var isStarted = false
    /// Takes the answer piece by piece, for invokers who want it that way.
    var stream: StreamedInvocation?
    /// Bytes that the runtime has posted piece by piece.
    var streamedBytes = 0

    init(
        number: EnvironmentPool.InvocationID, requestID: String, payload: [UInt8], options: InvokeOptions,
        functionARN: String, traceID: String, deliver: @escaping (InvokeOutcome) -> Void
    ) {
        self.number = number
        self.requestID = requestID
        self.payload = payload
        self.options = options
        self.functionARN = functionARN
        self.traceID = traceID
        self.deliver = deliver
        tail = options.wantsLogTail ? LogTail() : nil
    }

    /// Bytes of the answer.
    var producedBytes: Int { max(streamedBytes, answer?.payload.count ?? 0) }

    var isDelivered: Bool { deliver == nil }

    /// Each invoker gets one outcome; later ones are dropped.
    func finish(_ outcome: InvokeOutcome) {
        let deliver = deliver
        self.deliver = nil
        if deliver != nil { observer?(outcome) }
        deliver?(outcome)
    }

    /// From the start until the next poll, or until now.
    func durationMs(now: UInt64) -> Double {
        startedAt == 0 ? 0 : Double((finishedAt ?? now) &- startedAt) / 1e6
    }
}
