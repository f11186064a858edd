import Clock
import JSON
import Net
import Store

extension Emulator {
    /// Carries out what a command asks of the running emulator; one command at a time.
    /// - Returns: what the command is to show.
    func perform(_ action: ControlAction) async throws -> JSONValue {
        // Not a matter of the state on disk.
        switch action {
        case .backends: return backends.metrics
        case .canary(let target, nil, nil): return try await canary(target, nil, nil)
        default: break
        }
        return try await options.data.withStateLock { try await performLocked(action) }
    }

    private func performLocked(_ action: ControlAction) async throws -> JSONValue {
        let snapshots = Snapshots(data: options.data)
        switch action {
        case .save(let name, let replacing):
            // The state must not be exchanged while it is being saved; requests go on.
            let services = await gate.enter()
            defer { gate.leave() }
            let now = clock.now
            await keepUsage(in: services.store)
            try await runBlocking {
                try snapshots.save(name, of: services.store, replacing: replacing, at: now)
            }
        case .load(let name):
            let faults = options.faults
            try await replaceState(
                with: try await runBlocking { try snapshots.prepare(name, faults: faults) })
        case .reset:
            try await replaceState(with: try await runBlocking { try snapshots.prepareEmpty() })
        case .lifecycle(let moment, let bucket):
            // The state must not be exchanged meanwhile.
            let services = await gate.enter()
            defer { gate.leave() }
            let report = try await services.objects.runLifecycle(
                asOf: Timestamp(milliseconds: moment), bucket: bucket)
            return report.json
        case .coldStarts(let function): return try coldStarts(function)
        case .makeCold(let function): return try makeCold(function)
        case .canary(let target, let percent, let rehearsing):
            return try await canary(target, percent, rehearsing)
        case .backends: break
        }
        return .null
    }

    /// Puts another state in the place of the present one. Requests wait meanwhile. If the other one cannot be
    /// used after all, the present one comes back.
    private func replaceState(with replacement: String) async throws {
        // Events that wait belong to the state; functions that run go on.
        await lambda.pause()
        let refusal: (any Error)?
        do {
            refusal = try await exchange(with: replacement)
        } catch {
            lambda.use(gate.services.lambda)
            throw error
        }
        lambda.use(gate.services.lambda, isSame: refusal != nil)
        // Whichever state lives now, the other one is here.
        _ = try? await runBlocking { Files.removeTree(replacement) }
        if let refusal { throw refusal }
        try await declareEventSources()
    }

    /// - Returns: why the present state was kept, if it was.
    private func exchange(with replacement: String) async throws -> (any Error)? {
        let (options, clock, bridge) = (options, clock, bridge)
        var refusal: (any Error)?
        try await gate.exchange { old in
            await old.stopWork()
            try await runBlocking { old.store.close() }
            do {
                try await Self.exchangeStores(replacement, options)
            } catch {
                // Nothing was exchanged: the present state is opened again, and goes on.
                refusal = error
                return try await Self.openDeclared(options, clock, bridge)
            }
            do {
                let services = try await Self.openDeclared(options, clock, bridge)
                do {
                    try GatewayState.restore(restAPI, from: services.store)
                } catch {
                    await services.close()
                    throw error
                }
                return services
            } catch {
                refusal = error
                try await Self.exchangeStores(replacement, options)
                return try await Self.openDeclared(options, clock, bridge)
            }
        }
        return refusal
    }

    private static func exchangeStores(_ replacement: String, _ options: EmulatorOptions) async throws {
        try await runBlocking {
            try Store.exchangeFolder(options.data.store, with: replacement, faults: options.faults)
        }
    }

    private static func openDeclared(
        _ options: EmulatorOptions, _ clock: SystemClock, _ bridge: FunctionBridge
    ) async throws -> StatefulServices {
        let services = try await openState(options, clock, bridge)
        do {
            try await makeDeclared(options.manifest, services)
            return services
        } catch {
            await services.close()
            throw error
        }
    }
}
