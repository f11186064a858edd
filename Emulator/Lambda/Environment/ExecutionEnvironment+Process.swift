import Clock
import Glibc
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Starts the process without an invocation: the init phase.
    func initialise() {
        phase = .initialising
        watchdog.watch(
            until: MonotonicClock.nanoseconds + UInt64(host.configuration.initTimeoutMs) * 1_000_000)
        startProcess()
    }

    func startProcess() {
        api = RuntimeAPIState()
        memory = PeakMemory()
        initErrorBody = nil
        initErrorType = nil
        unreportedInitMs = nil
        initStartedAt = MonotonicClock.nanoseconds
        write(LogLines.initStart(region: host.configuration.region))
        if let problem = Entrypoint.problem(host.definition.executablePath) { return couldNotStart(problem) }
        host.service.orphanGuard.prepare()
        withExtensions { [weak self] in self?.spawn(attemptsLeft: 20) }
    }

    private func spawn(attemptsLeft: Int) {
        let options = ChildProcess.Options(
            executable: host.definition.executablePath, environment: variables, workingDirectory: directory)
        do throws(NetError) {
            let started = try ChildProcess(
                options,
                onOutput: { [weak self] isError, bytes in self?.took(isError, bytes) },
                onExit: { [weak self] status in self?.exited(status) })
            process = started
            host.service.orphanGuard.add(started.pid)
        } catch {
            guard attemptsLeft > 0, Entrypoint.isPassing(error) else {
                return couldNotStart(Entrypoint.problem(error))
            }
            let start = initStartedAt
            host.service.after(milliseconds: 10) { [weak self] in
                // Unless it was stopped, or started anew, in the meantime.
                guard let self, process == nil, initStartedAt == start else { return }
                if case .stopped = phase { return }
                spawn(attemptsLeft: attemptsLeft - 1)
            }
        }
    }

    var variables: [String] {
        EnvironmentVariables.list(
            EnvironmentVariables.Facts(
                configuration: host.configuration, definition: host.definition,
                runtimeAPI: "127.0.0.1:\(server?.port ?? 0)", logStream: logStream))
    }

    /// Later, as an end of the process would be noticed later: the pool is still acting.
    private func couldNotStart(_ problem: PlatformError) {
        host.service.settle { [weak self] in
            guard let self else { return }
            write("\(host.definition.executablePath): \(problem.message)\n")
            ended(problem)
        }
    }

    // MARK: - The end of a process

    private func exited(_ status: ExitStatus) {
        if let process {
            // It led a process group of its own: what it has started goes with it.
            _ = Glibc.kill(-process.pid, SIGKILL)
            host.service.orphanGuard.remove(process.pid)
        }
        process = nil
        let error = PlatformError.exited(code: status.code, signal: status.signal)
        switch phase {
        // Nothing is expected from it any more: say at once that it is gone.
        case .idle, .dying, .stopped, .down: ended(error)
        // Its last output and its last calls may still wait to be read.
        case .initialising, .invoking, .finishing:
            host.service.settle { [weak self] in self?.ended(error) }
        }
    }

    private func ended(_ error: PlatformError) {
        releasePoll(RuntimeAPIAnswer.containerError)
        switch phase {
        case .initialising:
            flushOutput()
            if initErrorType == nil { host.log.append("\(error.message)\n\(error.type)\n") }
            logInitReport(phase: "init", .error(type: initErrorType ?? error.type))
            goDown(afterInit: true)
        case .invoking(let invocation) where isBoundWarm && !invocation.isStarted:
            // It ended on its own between two invocations and has seen nothing of this one.
            isBoundWarm = false
            startProcess()
        case .invoking(let invocation):
            crashed(invocation, error)
            goDown(afterInit: false)
        case .finishing(let invocation):
            crashedAfterAnswer(invocation, error)
            goDown(afterInit: false)
        case .idle:
            host.log.append("\(error.message), between two invocations\n")
            goDown(afterInit: false)
        case .dying(let afterInit):
            flushOutput()
            goDown(afterInit: afterInit)
        case .stopped: gone()
        case .down: break
        }
    }

    private func goDown(afterInit: Bool) {
        watchdog.rest()
        retireExtensions(.failure)
        phase = .down
        if afterInit { host.initFailed(self) } else { host.lost(self) }
    }

    func logInitReport(phase name: String, _ failure: LogLines.Report.Failure) {
        let milliseconds = Double(MonotonicClock.nanoseconds &- initStartedAt) / 1e6
        write(LogLines.initReport(milliseconds: milliseconds, phase: name, failure: failure))
    }

    // MARK: - Ending a process

    /// The watchdog's deadline has passed.
    func overdue() {
        switch phase {
        case .initialising:
            flushOutput()
            logInitReport(phase: "init", initErrorType.map { .error(type: $0) } ?? .timeout)
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
    func signal(_ number: Int32) { process?.kill(number) }

    /// Ends the environment for good; ``onGone`` is called when its process is no more.
    func stop(_ number: Int32 = SIGKILL) {
        let last = current
        watchdog.cancel()
        if let last, last.answer == nil {
            last.finish(.startFailure(reason: "the emulator is shutting down"))
        } else if let last {
            close(last)
        }
        phase = .stopped
        releasePoll(RuntimeAPIAnswer.containerError)
        if process == nil { gone() } else { endProcess(.spindown, number) }
    }

    /// For those who ignored SIGTERM.
    func killNow() { signal(SIGKILL) }

    private func gone() {
        flushOutput()
        retireExtensions(.spindown)
        guard endedExtensions.isEmpty else {
            onExtensionsGone = { [weak self] in self?.gone() }
            return
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
