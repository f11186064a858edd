import Bytes
import Clock
import Glibc
import HTTPTypes
import JSON
import Net

extension ExecutionEnvironment {
    /// Variables of the function that extensions do not get (AWS Lambda Developer Guide, "Lambda Extensions API").
    private static let withheld: Set<String> = [
        "AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
        "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT", "_HANDLER", "MUMBLE_RUNTIME_PIPELINE",
    ]

    // MARK: - Beginning

    /// Starts the programs in `/opt/extensions`, and the runtime once they have registered.
    func withExtensions(_ startRuntime: @escaping () -> Void) {
        guard endedExtensions.isEmpty else {
            // Those of the process before may still hold what these will want: a port, a file.
            let start = initStartedAt
            onExtensionsGone = { [weak self] in
                guard let self, initStartedAt == start, awaitsProcess else { return }
                initStartedAt = MonotonicClock.nanoseconds
                withExtensions(startRuntime)
            }
            return
        }
        let extensions = ExtensionHost(telemetry: Telemetry(clock: host.clock))
        self.extensions = extensions
        noteInitStart()
        let programs = ExtensionProgram.find(in: host.definition.layerFolder)
        guard !programs.isEmpty else { return startRuntime() }
        extensions.onFailure = { [weak self, weak extensions] error in
            // Later, as an end of the process would be noticed later: the pool is still acting.
            self?.host.service.settle {
                guard let self, let extensions, self.extensions === extensions else { return }
                self.extensionFailed(error)
            }
        }
        let orphanGuard = host.service.orphanGuard
        extensions.onProcessEnd = { orphanGuard.remove($0) }
        extensions.start(programs, launch) { [weak self, weak extensions] in
            guard let self, let extensions, self.extensions === extensions else { return }
            startRuntime()
        }
    }

    private func launch(
        _ program: ExtensionProgram, _ extensions: ExtensionHost, _ identifier: String
    ) throws(NetError) -> ChildProcess {
        let kept = variables.filter { line in !Self.withheld.contains(String(line.prefix { $0 != "=" })) }
        var lines = OutputLines()
        return try launch(program.path, variables: kept) { [weak self] _, bytes in
            let whole = lines.add(bytes)
            self?.host.log.append(whole)
            extensions.telemetry.add(lines: whole, .extension)
        } onExit: { [weak self] status in
            let rest = lines.flush()
            self?.host.log.append(rest)
            extensions.telemetry.add(lines: rest, .extension)
            extensions.exited(identifier, status)
        }
    }

    /// Starts a further program beside the runtime. `path` is what the function would call it.
    func launch(
        _ path: String, variables: [String],
        onOutput: @escaping @EventLoop (_ isError: Bool, _ bytes: [UInt8]) -> Void,
        onExit: @escaping @EventLoop (ExitStatus) -> Void
    ) throws(NetError) -> ChildProcess {
        let own = (host.definition.layerFolder ?? "") + path.dropFirst("/opt".count)
        let files = files ?? FunctionFiles(host.definition)
        let process = try launch(
            .init(inside: path, host: own), in: files, variables, onOutput: onOutput, onExit: onExit)
        host.service.orphanGuard.add(process.pid)
        return process
    }

    // MARK: - Calls

    /// nil for a path that belongs to no API of extensions.
    func respondToExtension(_ request: HTTPRequest) async -> HTTPResponse? {
        guard let call = ExtensionsAPICall(method: request.method, path: request.path) else { return nil }
        do throws(ExtensionRefusal) {
            switch call {
            case .wrongMethod: return RuntimeAPIAnswer.methodNotAllowed
            case .register: return try register(request)
            case .next:
                let (extensions, identifier) = try caller(request)
                return try await extensions.next(identifier)
            case .initError:
                let (extensions, identifier) = try reporter(request)
                try extensions.reportedInitError(identifier)
                return RuntimeAPIAnswer.accepted
            case .exitError:
                let (extensions, identifier) = try reporter(request)
                try extensions.reportedExitError(identifier)
                return RuntimeAPIAnswer.accepted
            case .subscribe(let api): return try subscribe(request, api)
            }
        } catch {
            return RuntimeAPIAnswer.error(403, error.type, error.message)
        }
    }

    private func register(_ request: HTTPRequest) throws(ExtensionRefusal) -> HTTPResponse {
        guard let extensions else { return RuntimeAPIAnswer.containerError }
        guard let name = request.headers["Lambda-Extension-Name"], !name.isEmpty else { throw .emptyName }
        let events = try Self.events(request.body.bytes ?? [])
        let identifier = try extensions.register(name: name, events: events)
        let definition = host.definition
        var body: JSONObject = [
            "functionName": .string(definition.name), "functionVersion": .string(definition.version),
            "handler": .string(definition.handler),
        ]
        let features = request.headers["Lambda-Extension-Accept-Feature"] ?? ""
        if features.split(separator: ",").contains(where: { $0.filter { $0 != " " } == "accountId" }) {
            body.append("accountId", .string(host.configuration.accountID))
        }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/json", ExtensionsAPICall.identifierHeader: identifier],
            body: .bytes(JSONValue.object(body).encoded()))
    }

    private static func events(_ body: [UInt8]) throws(ExtensionRefusal) -> [String] {
        guard !body.isEmpty else { throw .format("unexpected end of JSON input") }
        let document: JSONValue
        do throws(JSONError) { document = try JSONValue.parse(body) } catch { throw .format(error.reason) }
        guard document.object != nil else { throw .format("the document is no object") }
        if document["configurationKeys"]?.array?.isEmpty == false {
            throw .format("configurationKeys are deprecated; use environment variables instead")
        }
        guard let events = document["events"], !events.isNull else { return [] }
        guard let list = events.array, list.allSatisfy({ $0.string != nil }) else {
            throw .format("events is no list of strings")
        }
        return list.compactMap(\.string)
    }

    /// The extension that calls: of the present process, or of one that is on its way out.
    private func caller(_ request: HTTPRequest) throws(ExtensionRefusal) -> (ExtensionHost, String) {
        guard let identifier = request.headers[ExtensionsAPICall.identifierHeader], !identifier.isEmpty else {
            throw .missingIdentifier
        }
        guard Self.isIdentifier(identifier) else { throw .invalidIdentifier }
        let hosts = [extensions].compactMap { $0 } + endedExtensions
        guard let found = hosts.first(where: { $0.registry.member(identifier) != nil }) else {
            throw .unknown(identifier)
        }
        return (found, identifier)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66, 0x2d: true
                default: false
                }
            }
    }

    private func reporter(_ request: HTTPRequest) throws(ExtensionRefusal) -> (ExtensionHost, String) {
        let found = try caller(request)
        let type = request.headers["Lambda-Extension-Function-Error-Type"] ?? ""
        guard !type.isEmpty else { throw .missingErrorType }
        return found
    }

    private func subscribe(
        _ request: HTTPRequest, _ api: TelemetryAPI
    ) throws(ExtensionRefusal) -> HTTPResponse {
        let (extensions, identifier) = try caller(request)
        guard extensions.telemetry.acceptsSubscribers else {
            throw ExtensionRefusal(
                type: "\(api.rawValue).SubscriptionClosed",
                message: "\(api.rawValue) API subscription is closed already")
        }
        do throws(TelemetrySubscription.Problem) {
            let subscription = try TelemetrySubscription(request.body.bytes ?? [], api)
            let name = extensions.registry.member(identifier)?.name ?? ""
            extensions.telemetry.subscribe(subscription, api: api, name: name)
            return RuntimeAPIAnswer.json(200, "\"OK\"")
        } catch {
            return RuntimeAPIAnswer.error(400, "ValidationError", error.message)
        }
    }

    // MARK: - Waiting for them

    /// Whether a process is to be started that has not been started yet.
    private var awaitsProcess: Bool {
        guard process == nil else { return false }
        switch phase {
        case .initialising, .invoking: return true
        case .idle, .finishing, .dying, .down, .stopped: return false
        }
    }

    /// Whether all extensions wait for their next event; if not, `then` is called once they do.
    func extensionsRest(_ then: @escaping () -> Void) -> Bool {
        guard let extensions, !extensions.registry.isAtRest else { return true }
        extensions.whenAtRest(then)
        return false
    }

    /// Runtime and extensions are ready for their first event.
    func noteInitEnd() {
        guard let extensions, !extensions.registry.isClosed else { return }
        write(text: extensions.logLines)
        let now = MonotonicClock.nanoseconds
        noteInitDone(milliseconds: Double(now &- initStartedAt) / 1e6)
        extensions.initEnded()
    }

    // MARK: - Ends

    /// An extension has ended while it was needed: the runtime cannot go on without it.
    private func extensionFailed(_ error: PlatformError) {
        switch phase {
        case .initialising:
            flushOutput()
            note("\(error.message)\n\(error.type)")
            logInitEnd(nil, phase: "init", .error(type: error.type))
            die(afterInit: true, .failure)
        case .invoking(let invocation):
            crashed(invocation, error)
            die(afterInit: false, .failure)
        case .finishing(let invocation):
            crashedAfterAnswer(invocation, error)
            die(afterInit: false, .failure)
        case .idle:
            note("\(error.message)\n\(error.type)")
            die(afterInit: false, .failure)
        case .down, .dying, .stopped: break
        }
    }

    /// Asks the process to end. With extensions it gets a SIGTERM and a part of the time that the extensions then
    /// share; without, it is ended by `number` at once.
    func endProcess(_ reason: ShutdownReason, _ number: Int32) {
        guard let extensions, !extensions.isEmpty, let process else { return signal(number) }
        extensions.beginShutdown(reason, now: host.clock.now)
        signal(SIGTERM)
        let pid = process.pid
        shutdownTimer = LoopTimer(afterMilliseconds: ExtensionHost.runtimeShutdownMilliseconds) {
            [weak self] in
            guard let self, self.process?.pid == pid else { return }
            shutdownTimer = nil
            signal(SIGKILL)
        }
    }

    /// The runtime is no more: its extensions follow, without being waited for.
    func retireExtensions(_ reason: ShutdownReason) {
        shutdownTimer?.cancel()
        shutdownTimer = nil
        guard let extensions else { return }
        self.extensions = nil
        extensions.beginShutdown(reason, now: host.clock.now)
        endedExtensions.append(extensions)
        extensions.whenGone { [weak self, weak extensions] in
            guard let self else { return }
            endedExtensions.removeAll { $0 === extensions }
            guard endedExtensions.isEmpty else { return }
            let then = onExtensionsGone
            onExtensionsGone = nil
            then?()
        }
        extensions.runtimeEnded()
    }
}
