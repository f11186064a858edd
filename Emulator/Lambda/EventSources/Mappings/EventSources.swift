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
    /// Workers that were stopped and still wait for a call.
    private var leaving: [String: [MappingWorker]] = [:]
    /// The last change of each mapping that is under way; earlier ones start nothing any more.
    private var changes: [String: Int] = [:]
    private var lastChange = 0
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
        leaving = [:]
        changes = [:]
        transitions = [:]
        do {
            var damaged: [String] = []
            let mappings = try state.store.read { try EventSourceMapping.all($0) { damaged.append($0) } }
            for uuid in damaged {
                service.asyncEvents.log("Event source mapping \(uuid) is damaged: nothing is done for it.")
            }
            for mapping in mappings { start(mapping, state.store) }
        } catch {
            service.asyncEvents.log("The event source mappings cannot be read: \(error).")
        }
    }

    /// Stops all workers and waits for their commits; calls under way go on, but only success counts.
    func pause() async {
        state = nil
        for worker in workers.values { worker.stop() }
        await settle()
    }

    private func settle() async {
        for worker in Array(workers.values) + leaving.values.joined() { await worker.settled() }
    }

    func end() {
        isEnding = true
        for worker in workers.values { worker.stop() }
    }

    func finish() async {
        await settle()
        state = nil
    }

    // MARK: - Mappings

    func state(of mapping: EventSourceMapping) -> String {
        transitions[mapping.uuid] ?? (mapping.settings.isEnabled ? "Enabled" : "Disabled")
    }

    func result(of mapping: EventSourceMapping) -> String {
        if let worker = workers[mapping.uuid] as? StreamFollower { return worker.checkpoint.result }
        guard let store = state?.store else { return StreamCheckpoint.untouched }
        do {
            return try store.read { try StreamCheckpoint.read(mapping.uuid, $0) }?.result
                ?? StreamCheckpoint.untouched
        } catch {
            return "PROBLEM: The checkpoint cannot be read"
        }
    }

    /// A mapping has been made or changed: from now on it is worked on as it says. Calls under way end first.
    func changed(_ mapping: EventSourceMapping, transition: String) {
        guard let store = state?.store else { return }
        let uuid = mapping.uuid
        transitions[uuid] = transition
        lastChange += 1
        let (change, epoch) = (lastChange, epoch)
        changes[uuid] = change
        retire(uuid)
        Task { @EventLoop in
            for worker in self.leaving[uuid] ?? [] { await worker.finished() }
            await sleep(milliseconds: Self.transitionMilliseconds)
            guard !self.isEnding, epoch == self.epoch, self.changes[uuid] == change else { return }
            self.changes[uuid] = nil
            self.transitions[uuid] = nil
            do {
                // It may be gone meanwhile.
                let newest = try store.read { try EventSourceMapping.read(uuid, $0) }
                if let newest { self.start(newest, store) }
            } catch {
                self.service.asyncEvents.log("Event source mapping \(uuid) cannot be read: \(error).")
            }
        }
    }

    /// A mapping has been deleted.
    func deleted(_ uuid: String) {
        transitions[uuid] = nil
        changes[uuid] = nil
        retire(uuid)
    }

    /// Stops a mapping's worker, and remembers it until its calls have ended.
    private func retire(_ uuid: String) {
        guard let worker = workers.removeValue(forKey: uuid) else { return }
        worker.stop()
        leaving[uuid, default: []].append(worker)
        Task { @EventLoop in
            await worker.finished()
            self.leaving[uuid]?.removeAll { $0 === worker }
            if self.leaving[uuid]?.isEmpty == true { self.leaving[uuid] = nil }
        }
    }

    private func start(_ mapping: EventSourceMapping, _ store: Store) {
        guard mapping.settings.isEnabled, !isEnding else { return }
        let worker: MappingWorker
        switch mapping.kind {
        case .queue: worker = QueueFollower(mapping, store, service)
        case .stream:
            do {
                let stored = try store.read { try StreamCheckpoint.read(mapping.uuid, $0) }
                let checkpoint = stored ?? StreamCheckpoint(lanes: [.init(position: 0)])
                worker = StreamFollower(mapping, checkpoint, store, service)
            } catch {
                // From the beginning all records would be processed again.
                return service.asyncEvents.log(
                    "Event source mapping \(mapping.uuid) is not worked on: \(error).")
            }
        }
        workers[mapping.uuid] = worker
        worker.start()
    }
}
