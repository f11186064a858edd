import AWSProtocol
import Lambda
import Net
import Objects
import Store
import Synchronization
import Tables

/// The services that live on the data folder, made anew whenever another state takes its place.
final class StatefulServices: Sendable {
    let store: Store
    let tables: TablesService
    let objects: ObjectsService
    let lambda: LambdaState
    /// What the endpoint mounts; order and signing names never change.
    let json: [JSONService]
    let rest: [RESTService]

    init(
        store: Store, tables: TablesService, objects: ObjectsService, lambda: LambdaState,
        json: [JSONService], rest: [RESTService]
    ) {
        self.store = store
        self.tables = tables
        self.objects = objects
        self.lambda = lambda
        self.json = json
        self.rest = rest
    }

    /// Goes on with what is done beside requests; to be called every second.
    func tick() async {
        await tables.sweepExpired()
        await objects.tick()
    }

    /// Lets work beside requests come to the end of its step, and no further.
    func stopWork() async {
        await tables.stop()
        await objects.stop()
    }

    /// To be called when nothing uses the services any more.
    func close() async {
        await stopWork()
        store.close()
    }
}

/// The door to the services with state. Every request passes it, so that the state can be exchanged between
/// two requests while the ports stay open.
final class StateGate: Sendable {
    private struct State {
        var services: StatefulServices
        var inside = 0
        var isClosed = false
        var waiting: [UnsafeContinuation<Void, Never>] = []
    }

    /// How long requests under way may take to finish before an exchange is given up.
    private static let patienceMilliseconds = 30_000

    private let state: Mutex<State>

    init(_ services: StatefulServices) { state = Mutex(State(services: services)) }

    /// For what does not have to keep the door open: the state may be exchanged meanwhile.
    var services: StatefulServices { state.withLock { $0.services } }

    /// Runs `body` with services that stay as they are until it ends.
    func pass<R>(_ body: (StatefulServices) async -> R) async -> R {
        let services = await enter()
        let result = await body(services)
        leave()
        return result
    }

    /// Each call must be followed by one of `leave`.
    func enter() async -> StatefulServices {
        while true {
            if let services = enterIfOpen() { return services }
            await withUnsafeContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.isClosed { state.waiting.append(continuation) }
                    return !state.isClosed
                }
                if isOpen { continuation.resume() }
            }
        }
    }

    /// As `enter`, for those who need not wait.
    private func enterIfOpen() -> StatefulServices? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.inside += 1
            return state.services
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }

    /// Lets nobody in, waits for those inside to leave, and has `body` make the services to go on with.
    /// - Throws: `CommandFailure` when requests do not end in time; the door is open again then.
    @EventLoop func exchange(_ body: (StatefulServices) async throws -> StatefulServices) async throws {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard wasOpen else { throw CommandFailure(.temporaryFailure, "Another exchange is under way.") }
        defer { open() }
        var waited = 0
        while state.withLock({ $0.inside }) > 0 {
            guard waited < Self.patienceMilliseconds else {
                throw CommandFailure(
                    .temporaryFailure, "Requests under way did not end within 30 s; nothing was changed.")
            }
            await sleep(milliseconds: 2)
            waited += 2
        }
        let next = try await body(services)
        state.withLock { $0.services = next }
    }

    private func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = false
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension StateGate {
    /// The services as the endpoint mounts them once and for all.
    var jsonServices: [JSONService] {
        services.json.indices.map { index in
            services.json[index].answering { operation, input, context async throws(AWSError) in
                let entered = self.enterIfOpen()
                let services = if let entered { entered } else { await self.enter() }
                defer { self.leave() }
                return try await services.json[index].answer(operation, input, context)
            } immediately: { operation, input throws(AWSError) in
                guard let services = self.enterIfOpen() else { return nil }
                defer { self.leave() }
                return try services.json[index].immediateAnswer?(operation, input)
            }
        }
    }

    var restServices: [RESTService] {
        services.rest.indices.map { index in
            let service = services.rest[index]
            return RESTService(
                signingName: service.signingName, style: service.style, matches: service.matches,
                handle: { request, context in
                    let entered = self.enterIfOpen()
                    let services = if let entered { entered } else { await self.enter() }
                    defer { self.leave() }
                    return await services.rest[index].handle(request, context)
                },
                encodeError: { self.services.rest[index].encodeError($0, $1, $2) },
                admit: { head, context in
                    // While the state is being exchanged nothing can be said.
                    guard let services = self.enterIfOpen() else { return nil }
                    defer { self.leave() }
                    return self.guarded(services.rest[index].admit(head, context))
                },
                tooLarge: service.tooLarge, subresources: service.subresources,
                immediateAnswer: { request, context in
                    guard let services = self.enterIfOpen() else { return nil }
                    defer { self.leave() }
                    return services.rest[index].immediateAnswer?(request, context)
                })
        }
    }

    /// Nobody judges a body's beginning while the state is being exchanged.
    private func guarded(_ admission: AWSEndpoint.Admission?) -> AWSEndpoint.Admission? {
        guard case .preview(let maxBytes, let bytes, let judge)? = admission else { return admission }
        return .preview(maxBytes: maxBytes, bytes: bytes) { beginning in
            guard self.enterIfOpen() != nil else { return nil }
            defer { self.leave() }
            return judge(beginning)
        }
    }
}
