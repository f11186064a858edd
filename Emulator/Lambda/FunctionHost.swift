import Clock
import Net

/// One function: its pool, its environments and its log. Carries out what the pool decides.
@EventLoop final class FunctionHost {
    let definition: FunctionDefinition
    /// Without a qualifier.
    let functionARN: String
    let configuration: LambdaConfiguration
    let clock: any WallClock
    var log: FunctionLog { group.log }
    /// What it shares with the function's other versions.
    let group: FunctionGroup
    unowned let service: LambdaService
    private var pool: EnvironmentPool
    private(set) var environments: [EnvironmentPool.EnvironmentID: ExecutionEnvironment] = [:]
    private var invocations: [EnvironmentPool.InvocationID: Invocation] = [:]
    private var failure = ""
    /// Why an environment of the provisioned concurrency could not be started; nil when all is well.
    private var provisioningFailure: String?
    var coldStarts = ColdStarts()

    init(definition: FunctionDefinition, service: LambdaService) {
        self.definition = definition
        self.service = service
        configuration = service.configuration
        functionARN = configuration.functionARN(definition.name)
        clock = service.clock
        group = service.group(of: definition.name)
        pool = EnvironmentPool(
            concurrency: definition.reservedConcurrency, capacity: definition.concurrencyPerEnvironment)
        group.add(self)
    }

    func invoke(_ invocation: Invocation) {
        if let problem = definition.problem { return refuse(invocation, problem) }
        service.observe(invocation, of: definition)
        invocations[invocation.number] = invocation
        pool.concurrency = group.room(for: self)
        perform(pool.invoke(invocation.number, room: room()))
    }

    /// Invocations without an answer.
    var active: Int { pool.active }

    /// Takes no more invocations: ends the environments that have nothing to do now, and the others when they
    /// are done.
    func retire() {
        perform(pool.retire())
        vanishIfDone()
    }

    private func vanishIfDone() {
        guard pool.isRetired, pool.count == 0, invocations.isEmpty else { return }
        service.retired[ObjectIdentifier(self)] = nil
        group.remove(self)
        service.forgetGroup(of: definition.name)
        service.sweepCodeSoon()
    }

    // MARK: - What environments report

    func ready(_ environment: ExecutionEnvironment) {
        provisioningFailure = nil
        perform(pool.ready(environment.id, now: now))
    }

    func answered(_ environment: ExecutionEnvironment) { pool.answered(environment.id) }

    /// One of several invocations at once has its answer.
    func released(_ environment: ExecutionEnvironment) {
        perform(pool.released(environment.id, now: now))
    }

    func lost(_ environment: ExecutionEnvironment) {
        perform(pool.lost(environment.id, now: now))
    }

    func initFailed(_ environment: ExecutionEnvironment) {
        provisioningFailure = pool.provisioned > 0 ? "FUNCTION_ERROR_INIT_FAILURE" : nil
        perform(pool.initFailed(environment.id, now: now))
    }

    func closed(_ invocation: Invocation) {
        invocations[invocation.number] = nil
        vanishIfDone()
    }

    // MARK: - Idle environments

    var oldestIdle: Int64? { pool.oldestIdle }

    func expire(before: Int64) { perform(pool.expire(before: before)) }

    /// - Returns: whether an environment was given up.
    func giveUpOldest() -> Bool {
        let actions = pool.giveUpOldest()
        perform(actions)
        return !actions.isEmpty
    }

    // MARK: - Environments ahead, and cold ones

    /// Environments asked for ahead of invocations, those that are up, those that serve one, and AWS's word for
    /// why there are not enough.
    var provisioned: (requested: Int, ready: Int, allocated: Int, failure: String?) {
        let ready = pool.provisionedReady
        return (pool.provisioned, ready, min(ready, pool.active), provisioningFailure)
    }

    /// Starts the environments of the provisioned concurrency.
    func startAhead() {
        guard definition.provisionedConcurrency > 0 else { return }
        perform(pool.provision(definition.provisionedConcurrency, room: service.room()))
    }

    /// Later invocations find no environment that has served before. Those under way finish where they are.
    /// - Returns: how many environments were given up, or will be.
    func makeCold() -> Int {
        let count = pool.count
        perform(pool.recycle(room: max(0, service.room())))
        return count
    }

    // MARK: - Actions

    private var now: Int64 { service.monotonicMilliseconds }

    /// Asked only when an environment may have to be added.
    private func room() -> Int { pool.hasFree ? 0 : service.room() }

    private func perform(_ actions: [EnvironmentPool.Action]) {
        for action in actions {
            switch action {
            case .start(let id): start(id, isProvisioned: false)
            case .startAhead(let id): start(id, isProvisioned: true)
            case .restart(let id, let milliseconds): restart(id, afterMilliseconds: milliseconds)
            case .assign(let number, let id): bind(number, id) { $0.serve($1) }
            case .initialise(let id, let number): bind(number, id) { $0.serveWithInit($1) }
            case .refuse(let number, let refusal): refuse(number, refusal)
            case .stop(let id): stop(id)
            case .lookAgain(let milliseconds):
                service.after(milliseconds: milliseconds) { [weak self] in
                    guard let self else { return }
                    perform(pool.patienceExpired(room: service.room()))
                }
            }
        }
    }

    private func bind(
        _ number: EnvironmentPool.InvocationID, _ id: EnvironmentPool.EnvironmentID,
        _ serve: (ExecutionEnvironment, Invocation) -> Void
    ) {
        guard let environment = environments[id], let invocation = invocations[number] else {
            preconditionFailure("the pool knows environment \(id.number) and invocation \(number)")
        }
        serve(environment, invocation)
    }

    private func start(_ id: EnvironmentPool.EnvironmentID, isProvisioned: Bool) {
        do throws(EnvironmentFailure) {
            let environment = try ExecutionEnvironment(id: id, host: self, isProvisioned: isProvisioned)
            environments[id] = environment
            service.environmentCount += 1
            environment.initialise()
        } catch {
            failure = error.reason
            log.append("cannot create an execution environment: \(error.reason)\n")
            perform(pool.couldNotCreate(id))
        }
    }

    private func restart(_ id: EnvironmentPool.EnvironmentID, afterMilliseconds wait: Int) {
        // Never at once: the pool is still acting.
        service.after(milliseconds: wait) { [weak self] in
            guard let self, let environment = environments[id], pool.restarts(id) else { return }
            environment.initialise()
        }
    }

    private func refuse(_ number: EnvironmentPool.InvocationID, _ refusal: EnvironmentPool.Refusal) {
        let invocation = invocations.removeValue(forKey: number)
        switch refusal {
        case .reserved where group.isReserved: invocation?.finish(.throttled(reason: refusal.rawValue))
        case .reserved, .account:
            invocation?.finish(.throttled(reason: EnvironmentPool.Refusal.account.rawValue))
        case .noEnvironment: invocation?.finish(.startFailure(reason: failure))
        }
    }

    private func stop(_ id: EnvironmentPool.EnvironmentID) {
        guard let environment = environments.removeValue(forKey: id) else { return }
        service.environmentCount -= 1
        service.stopping(environment)
        environment.stop()
        vanishIfDone()
    }

    // MARK: - The end

    /// Refuses what waits and takes all environments away; the service awaits them.
    func shutDown() -> [ExecutionEnvironment] {
        let all = Array(environments.values)
        environments = [:]
        service.environmentCount -= all.count
        let bound = Set(all.flatMap(\.boundInvocations).map(\.number))
        for invocation in invocations.values where !bound.contains(invocation.number) {
            invocation.finish(.startFailure(reason: "the emulator is shutting down"))
        }
        invocations = [:]
        return all
    }
}
