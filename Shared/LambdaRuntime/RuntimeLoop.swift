/// The order of events in a function process, without any I/O: every call returns what to do next.
///
///     start ─► polling ─► running ─► reporting ─► polling ...
///         └─► reportingInit ─► ended
struct RuntimeLoop {
    enum Action: Equatable {
        /// Send these in one write, then pass the answers to ``received(_:)`` in the same order.
        case send([ControlPlaneRequest])
        /// Call the handler, then ``finished(_:)``.
        case invoke(Invocation)
        case exit(code: Int32, message: String?)
    }

    enum Outcome {
        case success([UInt8])
        case failure(ErrorReport)
    }

    private enum State: Equatable {
        case start
        case reportingInit
        case polling
        case running(requestID: String)
        /// `polls`: whether the next poll is already on its way behind the report.
        case reporting(polls: Bool)
        case ended
    }

    private var state = State.start
    private let pipelines: Bool
    /// Lines for the function's log that came up since they were last taken.
    private(set) var notes: [String] = []

    /// - Parameter pipelines: whether the Runtime API accepts the next poll right behind a response.
    init(pipelines: Bool) { self.pipelines = pipelines }

    mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// The handler is made, or could not be.
    mutating func started(_ failure: ErrorReport?) -> Action {
        guard let failure else { return poll() }
        state = .reportingInit
        return .send([.initError(failure)])
    }

    private mutating func poll() -> Action {
        state = .polling
        return .send([.next])
    }

    mutating func finished(_ outcome: Outcome) -> Action {
        guard case .running(let requestID) = state else { return end(1, "no invocation is running") }
        state = .reporting(polls: pipelines)
        let report: ControlPlaneRequest =
            switch outcome {
            case .success(let body): .response(requestID: requestID, body: body)
            case .failure(let failure): .invocationError(requestID: requestID, failure)
            }
        return .send(pipelines ? [report, .next] : [report])
    }

    /// An answer has come. Nil: another answer is still due.
    mutating func received(_ response: ControlPlaneResponse) -> Action? {
        switch (state, response) {
        case (.reportingInit, .refused(_, let reason)), (.reportingInit, .containerError(let reason)):
            return end(1, "Lambda refused the init error: \(reason)")
        case (.reportingInit, _):
            return end(1, nil)
        case (_, .containerError(let reason)):
            return end(1, "the Runtime API failed: \(reason)")
        case (_, .unintelligible(let what)):
            return end(1, "the Runtime API sent \(what)")
        case (.polling, .invocation(let invocation)):
            state = .running(requestID: invocation.requestID)
            return .invoke(invocation)
        case (.reporting(let polls), .accepted):
            return afterReport(polls)
        case (.reporting(let polls), .refused(let status, let reason)):
            // Say, 413: the invoker has been told, and Lambda keeps the environment.
            notes.append("the Runtime API refused the result with \(status): \(reason)")
            return afterReport(polls)
        case (.polling, .refused(let status, let reason)):
            return end(1, "the Runtime API refused to hand out events with \(status): \(reason)")
        default:
            return end(1, "the Runtime API answered out of turn")
        }
    }

    private mutating func afterReport(_ polls: Bool) -> Action? {
        guard polls else { return poll() }
        state = .polling
        return nil
    }

    /// The Runtime API is gone, which is how an environment ends: the process goes quietly, unless it
    /// had never been in touch (`reached`).
    mutating func disconnected(reached: Bool, reason: String) -> Action {
        if state == .reportingInit { return end(1, nil) }
        return reached ? end(0, nil) : end(1, "cannot reach the Runtime API: \(reason)")
    }

    private mutating func end(_ code: Int32, _ message: String?) -> Action {
        state = .ended
        return .exit(code: code, message: message)
    }
}
