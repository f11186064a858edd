import AWSProtocol
import Net

/// Versions on their way to be active, or updated, for as long as the emulator was told that this takes.
@EventLoop final class Activations {
    enum State {
        /// Made, and not to be called yet.
        case pending
        /// Called as before.
        case updating
    }

    private var ways: [String: (state: State, until: Int64)] = [:]

    nonisolated init() {}

    func begin(_ key: String, _ state: State, until: Int64) { ways[key] = (state, until) }

    func end(_ key: String) { ways[key] = nil }

    /// - Parameter now: monotonic milliseconds.
    func state(of key: String, now: Int64) -> State? {
        guard let way = ways[key] else { return nil }
        if way.until > now { return way.state }
        ways[key] = nil
        return nil
    }
}

extension LambdaService {
    private static func key(_ name: String, _ version: String) -> String {
        version == VersionRecord.latest ? name : "\(name):\(version)"
    }

    func begin(_ state: Activations.State, _ name: String, _ version: String = VersionRecord.latest) {
        let milliseconds = configuration.activationMs
        guard milliseconds > 0 else { return }
        activations.begin(
            Self.key(name, version), state, until: monotonicMilliseconds + Int64(milliseconds))
    }

    func activation(_ name: String, _ version: String) -> Activations.State? {
        guard configuration.activationMs > 0 else { return nil }
        return activations.state(of: Self.key(name, version), now: monotonicMilliseconds)
    }

    /// - Throws: 409 while a version is not active.
    func refusePending(_ name: String, _ version: String) throws(AWSError) {
        guard activation(name, version) == .pending else { return }
        throw LambdaError.conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: "
                + "Pending")
    }
}
