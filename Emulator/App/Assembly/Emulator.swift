import AWSProtocol
import Bytes
import Clock
import Gateway
import HTTPServer
import HTTPTypes
import JSON
import Lambda
import Net
import Objects
import Signing
import StandIns
import Store
import Tables

/// What a run of the emulator is made of.
struct EmulatorOptions: Sendable {
    /// Open files that connections of clients leave over: the store has up to 256, an environment of a function seven.
    static let sparedFiles = 512

    var manifest: Manifest
    var data: DataFolder
    var host = "127.0.0.1"
    /// nil leaves the gateway out; 0 takes any free port.
    var gatewayPort: Int?
    var awsPort = 0
    var binaries: BinaryFinder
    var acceptAnyCredentials = false
    var hostEnvironment: [String: String]
    var faults: FaultInjector = .none
    /// Seconds without progress after which a connection ends.
    var idleTimeout = 60
    /// Seconds that a body may take beside those for its bytes.
    var bodyTimeout = 60
    /// How many the process may have; nil when that is no matter.
    var openFiles: Int?
    /// Functions that do not build; nil unless they are being watched.
    var broken: BrokenBuilds?
    /// Milliseconds before the second and the third attempt of an asynchronous event; nil as on AWS.
    var asyncRetryDelaysMs: [Int]?
    var lambda = LambdaOptions()
    /// Functions are those that were uploaded; the manifest's programs are left alone.
    var runsDeployed = false
    /// Functions have access keys of their own, and what each asks of AWS services is written down.
    var tracesActions = false
}

/// The whole emulator, assembled: the only place that knows every service.
@EventLoop
final class Emulator {
    let lambda: LambdaService
    let gateway: Gateway
    let backends: BackendClient
    let restAPI: RESTAPI?
    let offlineProviders: [String]
    let gate: StateGate
    let options: EmulatorOptions
    let clock: SystemClock
    let bridge: FunctionBridge
    /// nil unless actions are traced.
    let actions: ActionTrace?
    private let data: DataFolder
    /// What a control request has to show.
    let token: String
    private let awsServer: HTTPServer
    private var gatewayServer: HTTPServer?
    private var sweeper: Task<Void, Never>?
    /// The last one to write down what API keys have used.
    var usageWriter: Task<Void, Never>?

    var awsPort: Int { awsServer.port }
    var gatewayPort: Int { gatewayServer?.port ?? 0 }

    /// Opens the state, makes what the manifest declares, and listens.
    static func start(_ options: EmulatorOptions) async throws -> Emulator {
        let clock = SystemClock()
        try options.data.prepare()
        let bridge = FunctionBridge(options.manifest)
        let services = try await openState(options, clock, bridge)
        do {
            options.data.emptyTemporary()
            return try await Emulator(options, services, clock, bridge)
        } catch {
            await services.close()
            throw error
        }
    }

    /// Opens what is on the disk, and makes the services that live on it.
    static func openState(
        _ options: EmulatorOptions, _ clock: SystemClock, _ bridge: FunctionBridge
    ) async throws -> StatefulServices {
        let manifest = options.manifest
        let store = try await runBlocking {
            try Store.open(
                at: options.data.store, options: Store.Options(faults: options.faults), clock: clock)
        }
        do {
            let tables = try TablesService(
                store: store, configuration: .init(region: manifest.region, accountID: manifest.accountID),
                clock: clock, runBlocking: { work in try await runBlocking(work) })
            let lambda = LambdaState(store: store)
            let objects = ObjectsService(
                store: store, configuration: .init(region: manifest.region, accountID: manifest.accountID),
                clock: clock, runBlocking: { work in try await runBlocking(work) },
                functions: bridge.queue(lambda), log: { Terminal.note($0) })
            return StatefulServices(
                store: store, tables: tables, objects: objects, lambda: lambda,
                json: [tables.jsonService, tables.streamsService],
                rest: [objects.restService])
        } catch {
            store.close()
            throw error
        }
    }

    private init(
        _ options: EmulatorOptions, _ state: StatefulServices, _ clock: SystemClock, _ bridge: FunctionBridge
    ) async throws {
        let manifest = options.manifest
        self.options = options
        self.clock = clock
        self.bridge = bridge
        data = options.data
        actions =
            options.tracesActions
            ? ActionTrace(file: options.data.actions, known: ActionTrace.read(options.data.actions)) : nil
        token = UUID4.make()
        let gate = StateGate(state)
        self.gate = gate
        let standIns = StandInProviders(clock: clock, temporaryDirectory: data.temporary)
        let services = ServiceTable()
        awsServer = try HTTPServer(
            host: options.host, port: options.awsPort,
            options: Self.awsServerOptions(options, services, store: state.store)
        ) { request in
            await services.respond(to: request)
        }
        let variables = FunctionEnvironment(
            manifest: manifest, awsPort: awsServer.port, host: options.hostEnvironment)
        offlineProviders = variables.offlineProviders
        let functions = try (options.runsDeployed ? [] : manifest.functions).map { function in
            try Self.definition(function, options: options, variables: variables)
        }
        let lambda = LambdaService(
            configuration: Self.lambdaConfiguration(options),
            functions: functions, state: state.lambda,
            neighbours: LambdaNeighbours(
                code: gate.codeSource(region: manifest.region, accountID: manifest.accountID, clock: clock),
                port: awsServer.port, hostEnvironment: options.hostEnvironment),
            clock: clock)
        self.lambda = lambda
        lambda.eventNeighbours = Self.neighbours(gate, manifest)
        lambda.log { Terminal.note($0) }
        bridge.open(lambda)
        let backends = BackendClient(policies: manifest.backends) { Terminal.note($0) }
        self.backends = backends
        let account = manifest.accountThrottling.map { Throttle($0) }
        let invocation = GatewayInvocation(lambda: lambda)
        let invoke: InvokeFunction = { await invocation.run($0, event: $1, timeout: $2) }
        let identities = AWSEndpoint.Configuration(
            region: manifest.region, accountID: manifest.accountID, credentials: Self.credentials(options),
            acceptAnyCredentials: options.acceptAnyCredentials)
        let signatures = AWSEndpoint(
            configuration: identities, jsonServices: [], restServices: [], clock: clock)
        let restAPI = try Self.restAPI(options, invoke, clock, backends, signatures, account)
        try GatewayState.restore(restAPI, from: state.store)
        self.restAPI = restAPI
        let gateway = try Self.gateway(
            manifest, invocation, clock, backends, data, signatures, restAPI, account)
        self.gateway = gateway
        let endpoint = AWSEndpoint(
            configuration: identities, jsonServices: gate.jsonServices,
            restServices: [lambda.restService]
                + gateway.restServices(
                    manifest.apis, region: manifest.region, accountID: manifest.accountID, created: clock.now,
                    accountLimits: manifest.accountThrottling ?? .ofAccount)
                + gate.restServices,
            clock: clock)
        try await Self.makeDeclared(manifest, state)
        lambda.start()
        try await declareEventSources()
        let control = ControlAPI(token: token) { [weak self] action in
            try await self?.perform(action) ?? .null
        }
        // At the host of a bucket every path is a key.
        let isOwn: @Sendable (HTTPRequest) -> Bool = { request in
            if Gateway.isNamed(by: request) { return true }
            let host = request.headers["Host"] ?? ""
            if FunctionURLHost.id(ofHost: host) != nil { return true }
            guard standIns.matches(request) || control.matches(request) || LambdaService.isDownload(request)
            else { return false }
            return VirtualHost(host: host) == .service
        }
        let actions = actions
        services.actions = actions
        services.open(endpoint, isOwn: isOwn) { @EventLoop request in
            guard isOwn(request) else {
                let response = await endpoint.respond(to: request)
                actions?.note(request, response)
                return response
            }
            if Gateway.isNamed(by: request) { return await gateway.respond(to: request) }
            if let id = FunctionURLHost.id(ofHost: request.headers["Host"] ?? "") {
                return await lambda.respondToURL(id, request) { (request) throws(AWSError) in
                    try endpoint.caller(of: request, service: "lambda")
                }
            }
            if LambdaService.isDownload(request) { return lambda.download(request) }
            if standIns.matches(request) { return await standIns.respond(to: request) }
            return await control.respond(to: request)
        }
        if let port = options.gatewayPort {
            let (gateway, broken) = (gateway, options.broken)
            gatewayServer = try HTTPServer(
                host: options.host, port: port, options: Self.gatewayServerOptions(options, gateway)
            ) { request in
                if let broken, let answer = await broken.response(to: request) { return answer }
                return await gateway.respond(to: request)
            }
        }
        sweeper = Task { @EventLoop [weak self] in
            // At once after a start: what a crash has cut off goes on.
            while !Task.isCancelled {
                await gate.pass { services in
                    await services.tick()
                    await self?.keepUsage(in: services.store)
                }
                actions?.keep()
                await sleep(milliseconds: 1_000)
            }
        }
    }

    /// Stops listening, lets running requests finish, ends every function process and closes the store.
    func stop() async {
        sweeper?.cancel()
        await gatewayServer?.close()
        backends.close()
        await lambda.shutdown()
        await awsServer.close()
        actions?.keep()
        await gate.services.stopWork()
        await keepUsage(in: gate.services.store)
        data.withdraw()
        gate.services.store.close()
    }
}

extension Emulator {
    private static func serverOptions(_ emulator: EmulatorOptions) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.idleTimeoutMs = emulator.idleTimeout * 1_000
        options.headerTimeoutMs = min(options.headerTimeoutMs, options.idleTimeoutMs)
        options.bodyTimeoutMs = emulator.bodyTimeout * 1_000
        options.firstSparedDescriptor = emulator.openFiles.map {
            $0 - min($0 / 2, EmulatorOptions.sparedFiles)
        }
        return options
    }

    private static func awsServerOptions(
        _ emulator: EmulatorOptions, _ services: ServiceTable, store: Store
    ) -> HTTPServerOptions {
        var options = serverOptions(emulator)
        options.spoolDirectory = store.blobs.stagingDirectory
        // Each service has limits of its own.
        options.admission = { services.admission(of: $0) }
        options.tooLargeResponse = { services.tooLarge($0) }
        options.stalledResponse = { services.stalled($0) }
        options.immediate = { services.answerAtOnce($0) }
        // AWS's front ends say so, whatever is too long.
        options.longHeadStatus = 400
        return options
    }

    private static func gatewayServerOptions(
        _ emulator: EmulatorOptions, _ gateway: Gateway
    ) -> HTTPServerOptions {
        var options = serverOptions(emulator)
        // The gateway refuses 10 MB itself, with AWS's answer; the server only has to bound memory.
        options.memoryBodyBytes = 11 << 20
        options.maxBodyBytes = 11 << 20
        options.tooLargeResponse = { gateway.refuseBody(of: $0) }
        // While sources are watched, a build may have to be waited for.
        if emulator.broken == nil {
            options.direct = { request, reply in gateway.respond(to: request) { reply.send($0) } }
        }
        return options
    }

    private static func definition(
        _ function: Manifest.Function, options: EmulatorOptions, variables: FunctionEnvironment
    ) throws(CommandFailure) -> FunctionDefinition {
        var definition = FunctionDefinition(
            name: function.name,
            executablePath: try options.binaries.path(
                of: function, manifestDirectory: options.manifest.directory),
            handler: function.name, memoryMB: function.memorySize,
            timeoutMilliseconds: function.timeout * 1_000,
            reservedConcurrency: function.reservedConcurrency,
            environment: variables.variables(for: function), description: "")
        definition.layerFolder = function.layer.map { path in
            path.hasPrefix("/") ? path : "\(options.manifest.directory)/\(path)"
        }
        definition.deadLetterTarget = function.deadLetterQueue.map { arn(ofQueue: $0, options.manifest) }
        function.settings.apply(to: &definition)
        return definition
    }

    private static func lambdaConfiguration(_ options: EmulatorOptions) -> LambdaConfiguration {
        var configuration = LambdaConfiguration(
            region: options.manifest.region, accountID: options.manifest.accountID,
            credentials: options.manifest.credentials, temporaryDirectory: options.data.temporary,
            logDirectory: options.data.logs)
        if options.tracesActions {
            for function in options.manifest.functions {
                configuration.accessKeys[function.name] = ActionTrace.key(of: function.name)
            }
        }
        if let delays = options.asyncRetryDelaysMs { configuration.asyncRetryDelaysMs = delays }
        options.lambda.apply(to: &configuration)
        return configuration
    }

    /// The manifest's key pair, and those of the functions that have their own.
    private static func credentials(_ options: EmulatorOptions) -> [Credentials] {
        let own = options.manifest.credentials
        guard options.tracesActions else { return [own] }
        return [own]
            + options.manifest.functions.map { function in
                Credentials(
                    accessKeyID: ActionTrace.key(of: function.name), secretAccessKey: own.secretAccessKey,
                    sessionToken: own.sessionToken)
            }
    }

    /// Tables and buckets of the manifest exist before the first request is answered.
    static func makeDeclared(
        _ manifest: Manifest, _ state: StatefulServices
    ) async throws {
        for table in manifest.tables { try await state.tables.createTableIfMissing(table) }
        for bucket in manifest.buckets {
            try await state.objects.createBucketIfMissing(
                bucket.name, cors: bucket.cors.map(\.rule),
                website: bucket.website.map { .init(index: $0.index, error: $0.error) },
                notifications: bucket.notifications, lifecycle: bucket.lifecycle)
        }
    }
}

extension Manifest.CORSRule {
    fileprivate var rule: ObjectsService.CORSRuleInput {
        ObjectsService.CORSRuleInput(
            allowedOrigins: allowedOrigins, allowedMethods: allowedMethods, allowedHeaders: allowedHeaders,
            exposeHeaders: exposeHeaders, maxAgeSeconds: maxAgeSeconds)
    }
}
