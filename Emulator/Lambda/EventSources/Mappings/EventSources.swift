import AWSProtocol
import Clock
import Net
import Store

/// All event source mappings: keeps a worker for each that is enabled.
@EventLoop final class EventSources {
    /// How long a mapping is seen on its way from one state to another.
    private static let transitionMilliseconds = 50

    unowned let service: LambdaService
    private var state: LambdaState?
    private var workers: [String: MappingWorker] = [:]
    /// `State` of mappings on their way.
    private var transitions: [String: String] = [:]
    private var epoch = 0
    private var isEnding = false

    init(service: LambdaService) { self.service = service }

    // MARK: - The state

    func open(_ state: LambdaState) {
        self.state = state
        epoch += 1
        workers = [:]
        transitions = [:]
        do {
            let mappings = try state.store.read { try EventSourceMapping.all($0) }
            for mapping in mappings { start(mapping, state.store) }
        } catch {
            service.asyncEvents.log("The event source mappings cannot be read: \(error).")
        }
    }

    /// Stops all workers and waits for their commits; calls under way go on, but only success counts.
    func pause() async {
        state = nil
        for worker in workers.values { worker.stop() }
        for worker in workers.values { await worker.settled() }
    }

    func end() {
        isEnding = true
        for worker in workers.values { worker.stop() }
    }

    func finish() async {
        for worker in workers.values { await worker.settled() }
        state = nil
    }

    // MARK: - Mappings

    func state(of mapping: EventSourceMapping) -> String {
        transitions[mapping.uuid] ?? (mapping.settings.isEnabled ? "Enabled" : "Disabled")
    }

    func result(of mapping: EventSourceMapping) -> String {
        if let worker = workers[mapping.uuid] as? StreamFollower { return worker.checkpoint.result }
        let stored = try? state?.store.read { try StreamCheckpoint.read(mapping.uuid, $0) }
        return stored?.result ?? StreamCheckpoint.untouched
    }

    /// A mapping has been made or changed: from now on it is worked on as it says. Calls under way end first.
    func changed(_ mapping: EventSourceMapping, transition: String) {
        guard let store = state?.store else { return }
        transitions[mapping.uuid] = transition
        let old = workers.removeValue(forKey: mapping.uuid)
        old?.stop()
        let epoch = epoch
        Task { @EventLoop in
            await old?.finished()
            await sleep(milliseconds: Self.transitionMilliseconds)
            guard epoch == self.epoch, self.transitions[mapping.uuid] == transition else { return }
            self.transitions[mapping.uuid] = nil
            // It may have been changed or deleted meanwhile.
            let newest = try? store.read { try EventSourceMapping.read(mapping.uuid, $0) }
            if let newest, newest == mapping, self.workers[mapping.uuid] == nil { self.start(newest, store) }
        }
    }

    /// A mapping has been deleted.
    func deleted(_ uuid: String) {
        transitions[uuid] = nil
        workers.removeValue(forKey: uuid)?.stop()
    }

    private func start(_ mapping: EventSourceMapping, _ store: Store) {
        guard mapping.settings.isEnabled, !isEnding else { return }
        let worker: MappingWorker
        switch mapping.kind {
        case .queue: worker = QueueFollower(mapping, store, service)
        case .stream:
            let stored = try? store.read { try StreamCheckpoint.read(mapping.uuid, $0) }
            let checkpoint = stored ?? StreamCheckpoint(lanes: [.init(position: 0)])
            worker = StreamFollower(mapping, checkpoint, store, service)
        }
        workers[mapping.uuid] = worker
        worker.start()
    }
}
