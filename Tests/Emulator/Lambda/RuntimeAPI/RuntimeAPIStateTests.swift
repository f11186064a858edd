import Testing

@testable import Lambda

@Suite struct RuntimeAPIStateTests {
    enum Event: Equatable {
        case next
        case response(String)
        case error(String)
        case initError
        case handOver(String)
        case drop
    }

    /// What each event answers: the poll, a refusal, or that it was accepted.
    private func run(_ events: [Event]) -> (results: [String], name: RuntimeAPIState.Name) {
        var state = RuntimeAPIState()
        let results = events.map { event -> String in
            do throws(RuntimeAPIState.Refusal) {
                switch event {
                case .next:
                    switch try state.next() {
                    case .hold(let endsInit): return endsInit ? "first poll" : "poll"
                    case .repeatEvent: return "again"
                    }
                case .response(let id):
                    try state.response(requestID: id)
                    state.sent()
                case .error(let id):
                    try state.error(requestID: id)
                    state.sent()
                case .initError: try state.initError()
                case .handOver(let id): state.handOver(requestID: id)
                case .drop: state.pollDropped()
                }
                return "ok"
            } catch {
                switch error {
                case .invalidRequestID: return "invalid id"
                case .transition(let from, let to): return "\(from.rawValue)>\(to.rawValue)"
                }
            }
        }
        return (results, state.name)
    }

    static let table: [([Event], [String], RuntimeAPIState.Name)] = [
        ([], [], .started),
        ([.next], ["first poll"], .ready),
        ([.next, .handOver("a")], ["first poll", "ok"], .running),
        ([.next, .handOver("a"), .response("a")], ["first poll", "ok", "ok"], .responseSent),
        ([.next, .handOver("a"), .error("a")], ["first poll", "ok", "ok"], .responseSent),
        ([.next, .handOver("a"), .response("a"), .next], ["first poll", "ok", "ok", "poll"], .ready),
        (
            [.next, .handOver("a"), .response("a"), .response("a")],
            ["first poll", "ok", "ok", "RuntimeResponseSentState>InvocationResponse"], .responseSent
        ),
        (
            [.next, .handOver("a"), .error("a"), .error("a")],
            ["first poll", "ok", "ok", "RuntimeResponseSentState>InvocationErrorResponse"], .responseSent
        ),
        ([.next, .handOver("a"), .response("b")], ["first poll", "ok", "invalid id"], .running),
        ([.next, .handOver("a"), .error("")], ["first poll", "ok", "invalid id"], .running),
        ([.response("a")], ["invalid id"], .started),
        // The previous call's id, once the next call runs, and before.
        (
            [.next, .handOver("a"), .response("a"), .next, .response("a")],
            ["first poll", "ok", "ok", "poll", "Ready>InvocationResponse"], .ready
        ),
        (
            [.next, .handOver("a"), .response("a"), .next, .handOver("b"), .response("a"), .response("b")],
            ["first poll", "ok", "ok", "poll", "ok", "invalid id", "ok"], .responseSent
        ),
        ([.initError], ["ok"], .initError),
        ([.initError, .next], ["ok", "InitError>Ready"], .initError),
        ([.initError, .initError], ["ok", "InitError>InitError"], .initError),
        ([.next, .initError], ["first poll", "Ready>InitError"], .ready),
        ([.next, .handOver("a"), .initError], ["first poll", "ok", "Running>InitError"], .running),
        ([.next, .next], ["first poll", "Ready>Ready"], .ready),
        ([.next, .drop, .next], ["first poll", "ok", "poll"], .ready),
        ([.next, .handOver("a"), .next], ["first poll", "ok", "again"], .running),
    ]

    @Test(arguments: table.indices) func transitions(row: Int) {
        let (events, results, name) = Self.table[row]
        let outcome = run(events)
        #expect(outcome.results == results)
        #expect(outcome.name == name)
    }

    @Test func eventsFitOnlyAHeldPoll() throws {
        var state = RuntimeAPIState()
        #expect(!state.canTakeEvent)
        _ = try state.next()
        #expect(state.canTakeEvent)
        state.pollDropped()
        #expect(!state.canTakeEvent)
        _ = try state.next()
        state.handOver(requestID: "a")
        #expect(!state.canTakeEvent)
    }
}
