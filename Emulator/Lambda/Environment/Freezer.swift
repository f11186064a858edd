import Glibc
import Net

/// Stops the processes of environments that have had nothing to do for a moment, as Lambda freezes them between
/// invocations: neither threads nor timers go on until the next one, and no deadline counts meanwhile.
///
/// By SIGSTOP, since control groups are seldom an ordinary user's to make. One timer looks at all environments that
/// are not frozen, so that an invocation pays for nothing but the SIGCONT after a pause.
@EventLoop final class Freezer {
    static let periodMilliseconds = 50
    /// Looks in a row that have to find an environment without work.
    private static let looks = 2

    private struct Watched {
        unowned let environment: ExecutionEnvironment
        var workCount: UInt64
        var restingLooks = 0
    }
    private var watched: [ObjectIdentifier: Watched] = [:]
    private var timer: LoopTimer?

    /// From now on the environment has processes that run.
    func add(_ environment: ExecutionEnvironment) {
        watched[ObjectIdentifier(environment)] = Watched(
            environment: environment, workCount: environment.workCount)
        guard timer == nil else { return }
        timer = LoopTimer(afterMilliseconds: Self.periodMilliseconds, repeating: true) { [weak self] in
            self?.look()
        }
    }

    func remove(_ environment: ExecutionEnvironment) {
        watched[ObjectIdentifier(environment)] = nil
        restIfIdle()
    }

    private func restIfIdle() {
        guard watched.isEmpty else { return }
        timer?.cancel()
        timer = nil
    }

    private func look() {
        for (key, var entry) in watched {
            let count = entry.environment.workCount
            let isResting = entry.environment.mayFreeze && count == entry.workCount
            entry.restingLooks = isResting ? entry.restingLooks + 1 : 0
            entry.workCount = count
            if entry.restingLooks < Self.looks {
                watched[key] = entry
            } else {
                watched[key] = nil
                entry.environment.freeze()
            }
        }
        restIfIdle()
    }
}

extension ExecutionEnvironment {
    /// Whether its function is one whose environments are frozen. Those that serve several invocations at once are
    /// not, as on Lambda Managed Instances.
    var freezes: Bool { host.configuration.freezes && host.definition.freezes && several == nil }

    /// Whether all its processes wait for the next invocation, and have told their extensions everything.
    fileprivate var mayFreeze: Bool {
        guard case .idle = phase, process != nil, endedExtensions.isEmpty else { return false }
        return extensions?.telemetry.isQuiet ?? true
    }

    fileprivate func freeze() {
        guard let process else { return }
        let leaders = [process.pid] + (extensions?.pids ?? [])
        for leader in leaders { _ = kill(-leader, SIGSTOP) }
        // What has left the group is found as a descendant. What was being started is found by another look.
        var others: [Int32] = []
        for _ in 0..<4 {
            let found = (leaders + [ownFiles?.keeper].compactMap { $0 }).flatMap {
                ProcessTree.descendants($0)
            }
            .filter { !others.contains($0) && !leaders.contains($0) }
            if found.isEmpty { break }
            for pid in found { _ = kill(pid, SIGSTOP) }
            others += found
        }
        frozen = Frozen(leaders: leaders, others: others)
    }

    /// Lets its processes go on, if they are frozen.
    func thaw() {
        guard let frozen else { return }
        self.frozen = nil
        for leader in frozen.leaders { _ = kill(-leader, SIGCONT) }
        for pid in frozen.others { _ = kill(pid, SIGCONT) }
        if process != nil { host.service.freezer.add(self) }
    }
}

/// Processes that were stopped: leaders of groups, and what they have started.
struct Frozen {
    let leaders: [Int32]
    let others: [Int32]
}
