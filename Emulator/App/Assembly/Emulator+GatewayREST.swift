import AWSProtocol
import Clock
import Gateway
import JSON
import Net
import Store

extension Emulator {
    /// The REST API of the manifest.
    static func restAPI(
        _ options: EmulatorOptions, _ invoke: @escaping InvokeFunction, _ clock: SystemClock,
        _ backends: BackendClient, _ signatures: AWSEndpoint, _ account: Throttle?
    ) throws -> RESTAPI? {
        let manifest = options.manifest
        guard var configuration = manifest.restAPI else { return nil }
        for index in configuration.stages.indices {
            configuration.stages[index].accessLog = try AccessLogFile.open(
                manifest.restAccessLogs[configuration.stages[index].name], api: configuration.apiID, manifest,
                options.data)
        }
        let api = try RESTAPI(
            configuration: configuration, clock: clock, backends: backends, account: account,
            mayInvalidate: { request in
                // The manifest's credentials are those of the account, which may do anything.
                let caller = try? signatures.caller(of: request, service: "execute-api")
                return caller != nil
            }, invoke: invoke)
        return api
    }

    /// Commits what API keys have used of their quotas, if that has changed. Called once a second and before a snapshot:
    /// a crash forgets less than the last second. One at a time: who calls it knows that what was counted before is in
    /// the store, also what another call was writing.
    func keepUsage(in store: Store) async {
        let before = usageWriter
        let mine = Task { @EventLoop in
            await before?.value
            await self.writeUsage(in: store)
        }
        usageWriter = mine
        await mine.value
    }

    private func writeUsage(in store: Store) async {
        guard let restAPI, let usage = restAPI.changedUsage() else { return }
        do {
            try await GatewayState.usage.keep(usage, in: store)
        } catch {
            restAPI.usageWasLost()
            Terminal.note("The quotas of API keys cannot be written down: \(error)")
        }
    }

    /// Changes or shows splits of traffic. What is changed is durable before it holds.
    func canary(_ target: String?, _ percent: Double?, _ rehearsing: Bool?) async throws -> JSONValue {
        let all = restAPI?.canaries.all ?? []
        guard let target else { return .array(all.map(\.json)) }
        guard let canaries = restAPI?.canaries, let canary = canaries[target] else {
            let names = all.map { "'\($0.target)'" }.joined(separator: ", ")
            let known = all.isEmpty ? "the manifest declares none" : names
            throw CommandFailure(.missingInput, "There is no canary '\(target)'; known: \(known).")
        }
        if let percent, !(0...100).contains(percent) {
            throw CommandFailure(.usage, "The weight of a canary is a number of percents from 0 to 100.")
        }
        if percent != nil || rehearsing != nil {
            let services = await gate.enter()
            defer { gate.leave() }
            try await GatewayState.canaries.keep(
                canaries.kept(changing: target, percent: percent, rehearsing: rehearsing), in: services.store)
            if let percent {
                canary.set(percent: percent)
                Terminal.note("canary \(target): \(percent) % of requests go to the functions")
            }
            if let rehearsing { canary.set(rehearsing: rehearsing) }
        }
        return .array([canary.json])
    }
}

/// What API Gateway keeps beside the manifest: a document for each kind, in the store, so that it is in snapshots and
/// goes with a reset.
enum GatewayState: String {
    /// What API keys have used of their quotas.
    case usage
    /// How splits of traffic are set.
    case canaries

    private var key: [UInt8] { Array("gateway/\(rawValue)".utf8) }

    func keep(_ document: JSONValue, in store: Store) async throws {
        let (key, bytes) = (key, document.encoded())
        try await store.commit { $0.put(.settings, key, bytes) }
    }

    private func document(in store: Store) throws -> JSONValue {
        try store.readOne(.settings, key) { bytes in
            guard let bytes else { return [:] }
            return try JSONValue.parse(Array(bytes))
        }
    }

    /// Has an API go on where the state says that it was.
    static func restore(_ api: RESTAPI?, from store: Store) throws {
        guard let api else { return }
        let (usage, canaries) = (try usage.document(in: store), try canaries.document(in: store))
        api.restoreUsage(usage)
        api.canaries.restore(canaries)
    }
}
