/// The extensions of one environment's processes and what each may do next: a pure state machine. Names of states
/// are those of AWS's runtime supervisor.
struct ExtensionRegistry {
    enum Name: String, Equatable {
        case started = "Started"
        case registered = "Registered"
        case ready = "Ready"
        case running = "Running"
        case initError = "InitError"
        case exitError = "ExitError"
        case exited = "Exited"
    }

    enum Event: String, Equatable {
        case invoke = "INVOKE"
        case shutdown = "SHUTDOWN"
    }

    struct Member: Equatable {
        let identifier: String
        let name: String
        /// A program of its own, not a part of the runtime's process.
        let isExternal: Bool
        var events: [Event] = []
        var state = Name.started

        /// Whether nothing is expected of it before the next event.
        var isAtRest: Bool { state == .ready || state == .exited }
    }

    /// Of both kinds together (AWS Lambda Developer Guide, "Lambda quotas").
    static let maximumCount = 10

    private(set) var members: [Member] = []
    /// After the init, nobody may come any more.
    private(set) var isClosed = false

    var isEmpty: Bool { members.isEmpty }

    /// Whether all programs have registered, so that the runtime may be started.
    var isRegistered: Bool { members.allSatisfy { $0.state != .started } }

    /// Whether everybody waits for an event.
    var isAtRest: Bool { members.allSatisfy(\.isAtRest) }

    var external: [Member] { members.filter(\.isExternal) }

    func member(_ identifier: String) -> Member? { members.first { $0.identifier == identifier } }

    // MARK: - Programs

    /// A program is about to be started.
    mutating func add(program name: String, identifier: String) {
        members.append(Member(identifier: identifier, name: name, isExternal: true))
    }

    mutating func exited(_ identifier: String) { set(identifier, .exited) }

    mutating func close() { isClosed = true }

    // MARK: - Calls

    /// POST /extension/register
    /// - Returns: the identifier to be used from now on.
    mutating func register(
        name: String, events: [String], newIdentifier: String
    ) throws(ExtensionRefusal) -> String {
        let known = members.firstIndex { $0.name == name && $0.isExternal }
        var chosen: [Event] = []
        for text in events {
            guard let event = Event(rawValue: text) else { throw .event(text, "ErrorInvalidEventType") }
            guard known != nil || event != .shutdown else {
                throw .event(text, "ShutdownEventNotSupportedForInternalExtension")
            }
            if !chosen.contains(event) { chosen.append(event) }
        }
        if let known {
            let state = members[known].state
            guard state == .started else { throw .transition(from: state, to: .registered, name) }
            members[known].events = chosen
            members[known].state = .registered
            return members[known].identifier
        }
        guard !isClosed else { throw .registrationClosed }
        guard members.count < Self.maximumCount else { throw .tooMany }
        guard !members.contains(where: { $0.name == name }) else { throw .nameTaken }
        members.append(
            Member(
                identifier: newIdentifier, name: name, isExternal: false, events: chosen, state: .registered))
        return newIdentifier
    }

    /// GET /extension/event/next
    /// - Parameter isPolling: whether an earlier poll is still being held.
    mutating func next(_ identifier: String, isPolling: Bool) throws(ExtensionRefusal) {
        guard let member = member(identifier) else { throw .unknown(identifier) }
        switch member.state {
        case .registered, .running: set(identifier, .ready)
        case .ready where !isPolling: break
        case .ready, .started, .initError, .exitError, .exited:
            throw .transition(from: member.state, to: .ready, identifier)
        }
    }

    /// POST /extension/init/error
    mutating func initError(_ identifier: String) throws(ExtensionRefusal) {
        guard let member = member(identifier) else { throw .unknown(identifier) }
        guard member.state == .registered || member.state == .initError else {
            throw .transition(from: member.state, to: .initError, identifier)
        }
        set(identifier, .initError)
    }

    /// POST /extension/exit/error
    mutating func exitError(_ identifier: String) throws(ExtensionRefusal) {
        guard let member = member(identifier) else { throw .unknown(identifier) }
        switch member.state {
        case .registered, .ready, .running, .exitError: set(identifier, .exitError)
        case .started, .initError, .exited:
            throw .transition(from: member.state, to: .exitError, identifier)
        }
    }

    // MARK: - Events

    /// Those that get an event, each of which has been waiting for one.
    mutating func deliver(_ event: Event) -> [Member] {
        var chosen: [Member] = []
        for index in members.indices
        where members[index].events.contains(event) && members[index].state == .ready {
            members[index].state = .running
            chosen.append(members[index])
        }
        return chosen
    }

    /// Gets an event that it had missed.
    mutating func run(_ identifier: String) { set(identifier, .running) }

    private mutating func set(_ identifier: String, _ state: Name) {
        guard let index = members.firstIndex(where: { $0.identifier == identifier }) else { return }
        members[index].state = state
    }
}
