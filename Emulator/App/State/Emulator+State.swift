import Net
import Store

extension Emulator {
    /// Carries out what a command asks of the running emulator.
    func perform(_ action: ControlAction) async throws {
        let snapshots = Snapshots(data: options.data)
        switch action {
        case .save(let name, let replacing):
            // The state must not be exchanged while it is being saved; requests go on.
            let services = await gate.enter()
            defer { gate.leave() }
            let now = clock.now
            try await runBlocking {
                try snapshots.save(name, of: services.store, replacing: replacing, at: now)
            }
        case .load(let name):
            let faults = options.faults
            try await replaceState(
                with: try await runBlocking { try snapshots.prepare(name, faults: faults) })
        case .reset:
            try await replaceState(with: try await runBlocking { try snapshots.prepareEmpty() })
        }
    }

    /// Puts another state in the place of the present one. Requests wait meanwhile.
    private func replaceState(with replacement: String) async throws {
        let (options, clock) = (options, clock)
        var refusal: (any Error)?
        do {
            try await gate.exchange { old in
                await old.tables.stop()
                old.store.close()
                do {
                    try Store.exchangeFolder(options.data.store, with: replacement, faults: options.faults)
                } catch {
                    // Nothing was exchanged: the old state is opened again, and goes on.
                    refusal = error
                }
                let next = try Self.openState(options, clock)
                try await Self.makeDeclared(options.manifest, next)
                return next
            }
        } catch {
            await runBlockingRemoval(of: replacement)
            throw error
        }
        await runBlockingRemoval(of: replacement)
        if let refusal { throw refusal }
    }

    private func runBlockingRemoval(of path: String) async {
        _ = try? await runBlocking { Files.removeTree(path) }
    }
}
