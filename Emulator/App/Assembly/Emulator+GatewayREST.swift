import Clock
import Gateway
import JSON
import Net

extension Emulator {
    /// The REST API of the manifest, with the quotas that callers have used up before this start.
    static func restAPI(
        _ options: EmulatorOptions, _ invoke: @escaping InvokeFunction, _ clock: SystemClock,
        _ backends: BackendClient
    ) throws(RouteError) -> RESTAPI? {
        guard let configuration = options.manifest.restAPI else { return nil }
        let api = try RESTAPI(
            configuration: configuration, clock: clock, backends: backends, invoke: invoke)
        if let kept = try? Files.readFile(options.data.usage, limit: 64 << 20),
            let document = try? JSONValue.parse(kept)
        {
            api.restoreUsage(document)
        }
        return api
    }

    /// Writes down what API keys have used of their quotas, if that has changed. Called once a second: a crash
    /// forgets less than the last one.
    func keepUsage() {
        guard let usage = restAPI?.changedUsage() else { return }
        let (target, fresh) = (options.data.usage, options.data.usage + ".new")
        do {
            try Files.writeFile(fresh, usage.encoded() + [UInt8(ascii: "\n")], mode: 0o600)
            try Files.move(fresh, to: target)
        } catch {
            Terminal.note("The quotas of API keys cannot be written down: \(error)")
        }
    }

    /// Changes or shows splits of traffic.
    func canary(_ target: String?, _ percent: Double?, _ rehearsing: Bool?) throws -> JSONValue {
        let all = restAPI?.canaries.all ?? []
        guard let target else { return .array(all.map(\.json)) }
        guard let canary = restAPI?.canaries[target] else {
            let names = all.map { "'\($0.target)'" }.joined(separator: ", ")
            let known = all.isEmpty ? "the manifest declares none" : names
            throw CommandFailure(.missingInput, "There is no canary '\(target)'; known: \(known).")
        }
        if let percent {
            canary.set(percent: percent)
            Terminal.note("canary \(target): \(percent) % of requests go to the functions")
        }
        if let rehearsing { canary.set(rehearsing: rehearsing) }
        return .array([canary.json])
    }
}
