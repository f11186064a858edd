/// What one runtime process may do next on its Runtime API: a pure state machine.
///
/// Names are those that AWS's runtime supervisor puts into its error messages.
struct RuntimeAPIState {
    enum Name: String, Equatable {
        case started = "Started"
        case initError = "InitError"
        case ready = "Ready"
        case running = "Running"
        case invocationResponse = "InvocationResponse"
        case invocationErrorResponse = "InvocationErrorResponse"
        /// Really spelt this way, unlike its siblings.
        case responseSent = "RuntimeResponseSentState"
    }

    /// Why a call is refused.
    enum Refusal: Error, Equatable {
        /// 400: the request id is not the current one.
        case invalidRequestID
        /// 403: not now.
        case transition(from: Name, to: Name)
    }

    enum Poll: Equatable {
        /// Hold the call until there is an event. `endsInit`: this was the process's first poll.
        case hold(endsInit: Bool)
        /// The process asks again for the event that it already has: give it once more.
        case repeatEvent
    }

    private(set) var name = Name.started
    private var requestID: String?
    private var isPolling = false

    /// `GET /runtime/invocation/next`.
    mutating func next() throws(Refusal) -> Poll {
        switch name {
        case .running:
            return .repeatEvent
        case .started, .responseSent:
            let first = name == .started
            name = .ready
            isPolling = true
            return .hold(endsInit: first)
        case .ready where !isPolling:
            isPolling = true
            return .hold(endsInit: false)
        case .ready, .initError, .invocationResponse, .invocationErrorResponse:
            throw .transition(from: name, to: .ready)
        }
    }

    /// The connection of a held poll was closed by the process.
    mutating func pollDropped() { isPolling = false }

    /// Whether an event can be handed over at once.
    var canTakeEvent: Bool { name == .ready && isPolling }

    /// The held poll is answered with an event.
    mutating func handOver(requestID: String) {
        precondition(canTakeEvent, "no poll is held in state \(name.rawValue)")
        self.requestID = requestID
        isPolling = false
        name = .running
    }

    /// `POST /runtime/invocation/{id}/response`, complete.
    mutating func response(requestID: String) throws(Refusal) {
        try post(requestID, as: .invocationResponse)
    }

    /// `POST /runtime/invocation/{id}/error`, complete.
    mutating func error(requestID: String) throws(Refusal) {
        try post(requestID, as: .invocationErrorResponse)
    }

    /// The answer is on its way to the invoker.
    mutating func sent() {
        precondition(name == .invocationResponse || name == .invocationErrorResponse)
        name = .responseSent
    }

    /// `POST /runtime/init/error`: only before the first poll.
    mutating func initError() throws(Refusal) {
        guard name == .started else { throw .transition(from: name, to: .initError) }
        name = .initError
    }

    private mutating func post(_ id: String, as target: Name) throws(Refusal) {
        guard id == requestID else { throw .invalidRequestID }
        guard name == .running else { throw .transition(from: name, to: target) }
        name = target
    }
}
