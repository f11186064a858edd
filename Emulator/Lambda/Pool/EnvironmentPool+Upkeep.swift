/// What changes a pool without an invocation: idle time, provisioned concurrency, another definition.
extension EnvironmentPool {
    // MARK: - Idle environments

    /// When the environment that was longest without work lost it; nil when there is none that may go.
    var oldestIdle: Int64? { oldest?.since }

    private var oldest: (id: EnvironmentID, since: Int64)? {
        let candidates = [free.first(where: mayGo), resets.first(where: mayGo)]
        return candidates.compactMap { id in id.flatMap { id in environments[id].map { (id, $0.since) } } }
            .min { $0.1 < $1.1 }
    }

    private func mayGo(_ id: EnvironmentID) -> Bool {
        guard let environment = environments[id], !environment.isProvisioned else { return false }
        return environment.isIdle || environment.phase == .reset
    }

    /// Removes environments without work since `before` or longer.
    mutating func expire(before: Int64) -> [Action] {
        let gone = (free + resets).filter { mayGo($0) && environments[$0]?.since ?? 0 <= before }
        for id in gone { remove(id) }
        return gone.map { .stop($0) }
    }

    /// Removes the environment that was longest without work, so that another function may have one.
    mutating func giveUpOldest() -> [Action] {
        guard let oldest else { return [] }
        remove(oldest.id)
        return [.stop(oldest.id)]
    }

    // MARK: - Provisioned concurrency

    /// Environments that were started ahead and can take an invocation, or serve one.
    var provisionedReady: Int {
        environments.values.count { $0.isProvisioned && $0.phase == .running && !$0.isStale }
    }

    /// Sets how many environments are to be there ahead of any invocation, beside those that are there on
    /// demand. Surplus ones go.
    /// - Parameter room: how many environments the account may still add.
    mutating func provision(_ target: Int, room: Int) -> [Action] {
        provisioned = target
        var actions: [Action] = []
        let kept = environments.filter { $0.value.isProvisioned && !$0.value.isStale }.keys
            .sorted { $0.number < $1.number }
        for id in kept.dropFirst(target) {
            change(id) { $0.isProvisioned = false }
            guard mayGo(id) else { continue }
            remove(id)
            actions.append(.stop(id))
        }
        for _ in 0..<max(0, min(target - kept.count, room)) {
            actions.append(.startAhead(add(isProvisioned: true)))
        }
        return actions
    }

    /// The wait of ``Action/restart(_:afterMilliseconds:)`` is over.
    /// - Returns: whether the environment is to start its process now.
    mutating func restarts(_ id: EnvironmentID) -> Bool {
        guard environments[id]?.phase == .reset, environments[id]?.isProvisioned == true else { return false }
        resets.removeAll { $0 == id }
        change(id) { $0.phase = .starting }
        return true
    }

    // MARK: - New environments for old ones

    /// No further invocation will come. Removes the environments without work and those that are starting for
    /// nobody, and from now on each one that has done its work. What waits is still served.
    mutating func retire() -> [Action] {
        isRetired = true
        provisioned = 0
        var spare = startingCount - (waiting.count + capacity - 1) / capacity
        var gone: [EnvironmentID] = []
        for (id, environment) in environments.sorted(by: { $0.key.number > $1.key.number }) {
            if environment.isProvisioned { change(id) { $0.isProvisioned = false } }
            if environment.phase == .starting {
                guard spare > 0 else { continue }
                spare -= 1
            } else if !environment.isIdle, environment.phase != .reset {
                continue
            }
            gone.append(id)
        }
        for id in gone { remove(id) }
        return gone.map { .stop($0) }
    }

    /// Gives all environments up: those without work at once, the others when they are done. What waits for
    /// one that was starting gets another, and provisioned ones are replaced.
    /// - Parameter room: how many environments the account may add beside those that go now.
    mutating func recycle(room: Int) -> [Action] {
        var actions: [Action] = []
        for (id, environment) in environments.sorted(by: { $0.key.number < $1.key.number }) {
            if environment.isIdle || environment.phase == .reset || environment.phase == .starting {
                remove(id)
                actions.append(.stop(id))
            } else {
                removeFromFree(id)
                change(id) { $0.isStale = true }
            }
        }
        let gone = actions.count
        for _ in 0..<min(environmentsWanted, room + gone) { actions.append(start()) }
        let left = room + gone - (actions.count - gone)
        return actions + provision(provisioned, room: left)
    }
}
