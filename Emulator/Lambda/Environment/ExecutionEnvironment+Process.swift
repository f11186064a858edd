import Clock
import Glibc
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Starts the process without an invocation: the init phase.
    func initialise() {
        phase = .initialising
        guard host.configuration.delaysColdStarts, !hasStarted else { return beginInit() }
        host.service.after(milliseconds: host.modelledDelayMs) { [weak self] in
            guard let self, case .initialising = phase, process == nil else { return }
            beginInit()
        }
    }

    private func beginInit() {
        watchdog.watch(
            until: MonotonicClock.nanoseconds + UInt64(host.configuration.initTimeoutMs) * 1_000_000)
        startProcess()
    }

    func startProcess() {
        hasStarted = true
        several?.begin()
        api = RuntimeAPIState()
        memory = PeakMemory()
        isOutOfMemory = false
        initErrorBody = nil
        initErrorType = nil
        unreportedInitMs = nil
        initStartedAt = MonotonicClock.nanoseconds
        write(.initStart(initFacts))
        let files = FunctionFiles(host.definition)
        self.files = files
        if let problem = Entrypoint.problem(
            files.bootstrap.host, isFromZip: host.definition.taskFolder != nil)
        {
            return couldNotStart(problem, files)
        }
        // What the process before has left behind must not meet this one, but for extensions on their way out.
        if let ownFiles, endedExtensions.isEmpty { ownFiles.killAll() }
        host.service.orphanGuard.prepare()
        withExtensions { [weak self] in self?.spawn(files, attemptsLeft: 20) }
    }

    private func spawn(_ files: FunctionFiles, attemptsLeft: Int) {
        do throws(NetError) {
            let started = try launch(
                files.bootstrap, in: files, variables(files),
                onOutput: { [weak self] isError, bytes in self?.took(isError, bytes) },
                onExit: { [weak self] status in self?.exited(status) })
            process = started
            host.service.orphanGuard.add(started.pid)
            host.service.memoryPatrol.add(self)
            if freezes { host.service.freezer.add(self) }
            atWork()
        } catch {
            guard attemptsLeft > 0, Entrypoint.isPassing(error) else {
                return couldNotStart(Entrypoint.problem(error, at: files.bootstrap), files)
            }
            let start = initStartedAt
            host.service.after(milliseconds: 10) { [weak self] in
                // Unless it was stopped, or started anew, in the meantime.
                guard let self, process == nil, initStartedAt == start else { return }
                if case .stopped = phase { return }
                spawn(files, attemptsLeft: attemptsLeft - 1)
            }
        }
    }

    /// Starts a program where this environment's processes live: the bootstrap, or an extension. The first one
    /// makes the file system that all share.
    /// - Parameter variables: the whole environment, `NAME=value`.
    func launch(
        _ program: FunctionFiles.Place, in files: FunctionFiles, _ variables: [String],
        onOutput: @escaping @EventLoop (_ isError: Bool, _ bytes: [UInt8]) -> Void,
        onExit: @escaping @EventLoop (ExitStatus) -> Void
    ) throws(NetError) -> ChildProcess {
        let isolation = host.service.isolation
        var options = ChildProcess.Options(
            executable: isolation.hasOwnFiles ? program.inside : program.host, environment: variables,
            workingDirectory: isolation.hasOwnFiles ? files.task.inside : files.task.host)
        if let left = ownFiles, left.isGone { abandon(left) }
        #if os(Linux)
            var confinement = isolation.confinement(
                root: directory, files, temporaryMB: host.definition.ephemeralStorageMB)
            confinement.earlier = isolation.hasOwnFiles ? ownFiles : nil
            options.confinement = confinement
        #endif
        do throws(NetError) {
            let started = try ChildProcess(options, onOutput: onOutput, onExit: onExit)
            if ownFiles == nil, let made = started.files {
                ownFiles = made
                host.service.orphanGuard.add(made)
            }
            return started
        } catch {
            guard case .confinementRefused(let reason) = error, isolation.hasOwnFiles else { throw error }
            if let left = ownFiles {
                // Somebody has ended what kept it; another one is made.
                abandon(left)
                return try launch(program, in: files, variables, onOutput: onOutput, onExit: onExit)
            }
            // The next one goes without; nothing is hidden about it.
            isolation.giveUp(reason)
            note("emulator: this function sees the machine's files from now on (\(reason))")
            return try launch(program, in: files, self.variables(files), onOutput: onOutput, onExit: onExit)
        }
    }

    private func abandon(_ left: ProcessFiles) {
        ownFiles = nil
        host.service.sweepStrays(of: left)
    }

    /// Those of the present process.
    var variables: [String] { variables(files ?? FunctionFiles(host.definition)) }

    func variables(_ files: FunctionFiles) -> [String] {
        let isolation = host.service.isolation
        var temporary: String?
        if !isolation.hasOwnFiles {
            temporary = directory + "/tmp"
            mkdir(directory + "/tmp", 0o777)
        }
        return EnvironmentVariables.list(
            EnvironmentVariables.Facts(
                configuration: host.configuration, definition: host.definition,
                runtimeAPI: "127.0.0.1:\(server?.port ?? 0)", logStream: logStream,
                taskRoot: isolation.hasOwnFiles ? files.task.inside : files.task.host,
                temporaryFolder: temporary, isProvisioned: isProvisioned))
    }

    /// Later, as an end of the process would be noticed later: the pool is still acting.
    private func couldNotStart(_ problem: PlatformError, _ files: FunctionFiles) {
        host.service.settle { [weak self] in
            guard let self else { return }
            note("\(files.bootstrap.host): \(problem.message)")
            ended(problem)
        }
    }

    // MARK: - The end of a process

    private func exited(_ status: ExitStatus) {
        if let process {
            // It led a process group of its own: what it has started goes with it.
            _ = Glibc.kill(-process.pid, SIGKILL)
            host.service.orphanGuard.remove(process.pid)
            host.service.memoryPatrol.remove(self)
            host.service.freezer.remove(self)
        }
        process = nil
        thaw()
        rested()
        let error = PlatformError.exited(code: status.code, signal: status.signal)
        switch phase {
        // Nothing is expected from it any more: say at once that it is gone.
        case .idle, .dying, .stopped, .down: ended(error)
        // Its last output and its last calls may still wait to be read.
        case .initialising, .invoking, .finishing:
            let start = initStartedAt
            host.service.settle { [weak self] in
                // Another process may have been started meanwhile, which this is not about.
                guard let self, initStartedAt == start else { return }
                ended(error)
            }
        }
    }

    private func ended(_ error: PlatformError) {
        if let several { return ended(error, several) }
        releasePoll(RuntimeAPIAnswer.containerError)
        switch phase {
        case .initialising:
            flushOutput()
            if initErrorType == nil { note("\(error.message)\n\(error.type)") }
            logInitEnd(nil, phase: "init", .error(type: initErrorType ?? error.type))
            goDown(afterInit: true)
        case .invoking(let invocation) where isBoundWarm && !invocation.isStarted:
            // It ended on its own between two invocations and has seen nothing of this one.
            isBoundWarm = false
            retireExtensions(.failure)
            startProcess()
        case .invoking(let invocation):
            crashed(invocation, error)
            goDown(afterInit: false)
        case .finishing(let invocation):
            crashedAfterAnswer(invocation, error)
            goDown(afterInit: false)
        case .idle:
            note("\(error.message), between two invocations")
            goDown(afterInit: false)
        case .dying(let afterInit):
            flushOutput()
            goDown(afterInit: afterInit)
        case .stopped: gone()
        case .down: break
        }
    }

    func goDown(afterInit: Bool) {
        watchdog.rest()
        retireExtensions(.failure)
        phase = .down
        if afterInit { host.initFailed(self) } else { host.lost(self) }
    }

    /// - Parameter milliseconds: nil is the time until now.
    func logInitEnd(_ milliseconds: Double?, phase name: String, _ failure: LogLines.Report.Failure?) {
        if failure != nil { host.coldStarts.noteFailure() }
        let milliseconds = milliseconds ?? Double(MonotonicClock.nanoseconds &- initStartedAt) / 1e6
        write(.initEnd(initFacts, milliseconds: milliseconds, phase: name, failure: failure))
    }

    var initializationType: String { isProvisioned ? "provisioned-concurrency" : "on-demand" }

    var initFacts: PlatformEvent.Init {
        PlatformEvent.Init(
            region: host.configuration.region, functionName: host.definition.name,
            version: host.definition.version,
            type: initializationType,
            memoryMB: host.definition.memoryMB, logStream: logStream)
    }

    // MARK: - Memory

    /// Whether the process has held more than the function's memory. Read for invocations that went on for
    /// long enough to get there: the kernel's record of the peak, so that nothing in between is missed.
    func exceedsMemory(_ invocation: Invocation) -> Bool {
        let now = MonotonicClock.nanoseconds
        // Reading takes longer than all else that a call needs; several at once have one memory.
        guard !isOutOfMemory, let process, now &- max(invocation.startedAt, memory.readAt) > 5_000_000 else {
            return isOutOfMemory
        }
        return judge(memory.readAnew(pid: process.pid, now: now))
    }

    /// Ends the process when it and what it has started hold too much.
    func lookAtMemory() {
        guard let process, !isOutOfMemory,
            let bytes = ProcessTree.residentBytes(process.pid, orphansOf: ownFiles?.keeper)
        else { return }
        if judge(memory.note(bytes: bytes)) { signal(SIGKILL) }
    }

    private func judge(_ mebibytes: Int) -> Bool {
        guard mebibytes > host.definition.memoryMB else { return false }
        isOutOfMemory = true
        note(
            "emulator: \(mebibytes) MB were in use, the function has \(host.definition.memoryMB) MB; it was killed"
        )
        return true
    }

    // MARK: - Ending a process

    /// The watchdog's deadline has passed.
    func overdue() {
        if let several { return overdue(several) }
        switch phase {
        case .initialising:
            flushOutput()
            logInitEnd(nil, phase: "init", initErrorType.map { .error(type: $0) } ?? .timeout)
            die(afterInit: true)
        case .invoking(let invocation) where initErrorType != nil:
            crashed(invocation, .exited(code: 0, signal: Int(SIGKILL)))
            die(afterInit: false)
        case .invoking(let invocation), .finishing(let invocation):
            timedOut(invocation)
            die(afterInit: false, .timeout)
        case .down, .idle, .dying, .stopped: break
        }
    }

    /// After `/runtime/init/error`, a runtime has this long to exit.
    func endSoon() { watchdog.watch(until: MonotonicClock.nanoseconds + 300_000_000) }

    func die(afterInit: Bool, _ reason: ShutdownReason = .failure) {
        phase = .dying(afterInit: afterInit)
        guard process != nil else { return goDown(afterInit: afterInit) }
        endProcess(reason, SIGKILL)
    }

    /// Reaches the process and all that it has started.
    func signal(_ number: Int32) {
        process?.kill(number)
        // Stopped processes can be killed, but take note of nothing else.
        if number != SIGKILL { thaw() }
    }

    /// Ends the environment for good; ``onGone`` is called when its process is no more.
    func stop(_ number: Int32 = SIGKILL) {
        let last = current
        watchdog.cancel()
        several?.giveUp()
        if let last, last.answer == nil {
            last.finish(.startFailure(reason: "the emulator is shutting down"))
        } else if let last {
            close(last)
        }
        phase = .stopped
        if process == nil { gone() } else { endProcess(.spindown, number) }
        // After the signal: a runtime that goes on with this answer would complain in the function's log.
        releasePoll(RuntimeAPIAnswer.containerError)
        several?.releasePolls()
    }

    /// For those who ignored SIGTERM.
    func killNow() {
        // With extensions, the runtime has some more time; a timer sees to it.
        if shutdownTimer == nil { signal(SIGKILL) }
    }

    func gone() {
        flushOutput()
        retireExtensions(.spindown)
        guard endedExtensions.isEmpty else {
            onExtensionsGone = { [weak self] in self?.gone() }
            return
        }
        if let ownFiles {
            host.service.sweepStrays(of: ownFiles)
            self.ownFiles = nil
        }
        ScratchFolder.remove(directory)
        if let server {
            self.server = nil
            Task { @EventLoop in await server.close() }
        }
        onGone?()
        onGone = nil
    }
}
