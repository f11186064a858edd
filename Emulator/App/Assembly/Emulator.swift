import AWSProtocol
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
}

/// The whole emulator, assembled: the only place that knows every service.
@EventLoop
final class Emulator {
    let store: Store
    let lambda: LambdaService
    let gateway: Gateway
    let offlineProviders: [String]
    private let tables: TablesService
    private let data: DataFolder
    private let awsServer: HTTPServer
    private var gatewayServer: HTTPServer?
    private var sweeper: Task<Void, Never>?

    var awsPort: Int { awsServer.port }
    var gatewayPort: Int { gatewayServer?.port ?? 0 }

    /// Opens the state, makes what the manifest declares, and listens.
    static func start(_ options: EmulatorOptions) async throws -> Emulator {
        let clock = SystemClock()
        try options.data.prepare()
        let store = try Store.open(
            at: options.data.store, options: Store.Options(faults: options.faults), clock: clock)
        do {
            options.data.emptyTemporary()
            return try await Emulator(options, store: store, clock: clock)
        } catch {
            store.close()
            throw error
        }
    }

    private init(_ options: EmulatorOptions, store: Store, clock: SystemClock) async throws {
        let manifest = options.manifest
        self.store = store
        data = options.data
        let tables = try TablesService(
            store: store, configuration: .init(region: manifest.region, accountID: manifest.accountID),
            clock: clock)
        let objects = ObjectsService(
            store: store, configuration: .init(region: manifest.region, accountID: manifest.accountID),
            clock: clock, runBlocking: { work in try await runBlocking(work) })
        self.tables = tables
        let standIns = StandInProviders(clock: clock, temporaryDirectory: data.temporary)
        let services = ServiceTable()
        awsServer = try HTTPServer(
            host: options.host, port: options.awsPort, options: Self.awsServerOptions(store: store)
        ) { request in
            await services.respond(to: request)
        }
        let variables = FunctionEnvironment(
            manifest: manifest, awsPort: awsServer.port, host: options.hostEnvironment)
        offlineProviders = variables.offlineProviders
        let functions = try manifest.functions.map { function in
            try Self.definition(function, options: options, variables: variables)
        }
        let lambda = LambdaService(
            configuration: LambdaConfiguration(
                region: manifest.region, accountID: manifest.accountID, credentials: manifest.credentials,
                temporaryDirectory: data.temporary, logDirectory: data.logs),
            functions: functions, clock: clock)
        self.lambda = lambda
        let invocation = GatewayInvocation(
            lambda: lambda,
            functionTimeouts: Dictionary(
                manifest.functions.map { ($0.name, $0.timeout * 1_000) }, uniquingKeysWith: { $1 }))
        gateway = try Gateway(
            configuration: GatewayConfiguration(
                apiID: "mumblelocal", accountID: manifest.accountID, region: manifest.region,
                cors: manifest.cors, routes: manifest.routes),
            clock: clock
        ) { function, event, timeout in
            await invocation.run(function, event: event, timeout: timeout)
        }
        let endpoint = AWSEndpoint(
            configuration: .init(
                region: manifest.region, accountID: manifest.accountID, credentials: [manifest.credentials],
                acceptAnyCredentials: options.acceptAnyCredentials),
            jsonServices: [tables.jsonService], restServices: [lambda.restService, objects.restService],
            clock: clock)
        try await Self.makeDeclared(manifest, tables: tables, objects: objects)
        services.open { request in
            standIns.matches(request)
                ? await standIns.respond(to: request) : await endpoint.respond(to: request)
        }
        if let port = options.gatewayPort {
            let gateway = gateway
            gatewayServer = try HTTPServer(host: options.host, port: port, options: Self.gatewayServerOptions)
            {
                await gateway.respond(to: $0)
            }
        }
        sweeper = Task { @EventLoop in
            while !Task.isCancelled {
                await sleep(milliseconds: 1_000)
                await tables.sweepExpired()
            }
        }
    }

    /// Stops listening, lets running requests finish, ends every function process and closes the store.
    func stop() async {
        sweeper?.cancel()
        await gatewayServer?.close()
        await lambda.shutdown()
        await awsServer.close()
        await tables.stop()
        data.withdraw()
        store.close()
    }
}

extension Emulator {
    private static func awsServerOptions(store: Store) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.spoolDirectory = store.blobs.stagingDirectory
        options.maxBodyBytes = 5 << 30
        return options
    }

    private static var gatewayServerOptions: HTTPServerOptions {
        var options = HTTPServerOptions()
        // The gateway refuses 10 MB itself, with AWS's answer; the server only has to bound memory.
        options.memoryBodyBytes = 11 << 20
        options.maxBodyBytes = 11 << 20
        return options
    }

    private static func definition(
        _ function: Manifest.Function, options: EmulatorOptions, variables: FunctionEnvironment
    ) throws(CommandFailure) -> FunctionDefinition {
        FunctionDefinition(
            name: function.name,
            executablePath: try options.binaries.path(
                of: function, manifestDirectory: options.manifest.directory),
            handler: function.name, memoryMB: function.memorySize,
            timeoutMilliseconds: function.timeout * 1_000,
            reservedConcurrency: function.reservedConcurrency,
            environment: variables.variables(for: function), description: "")
    }

    /// Tables and buckets of the manifest exist before the first request is answered.
    private static func makeDeclared(
        _ manifest: Manifest, tables: TablesService, objects: ObjectsService
    ) async throws {
        for table in manifest.tables { try await tables.createTableIfMissing(table) }
        for bucket in manifest.buckets {
            try await objects.createBucketIfMissing(bucket.name, cors: bucket.cors.map(\.rule))
        }
    }
}

/// Lets the AWS port be bound, and so its number be known to the functions, before the services exist.
/// Requests that arrive in that moment wait.
@EventLoop
private final class ServiceTable {
    typealias Responder = @Sendable (HTTPRequest) async -> HTTPResponse
    private var responder: Responder?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    nonisolated init() {}

    func open(_ responder: @escaping Responder) {
        self.responder = responder
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if responder == nil { await withCheckedContinuation { waiting.append($0) } }
        guard let responder else { return HTTPResponse(status: 503) }
        return await responder(request)
    }
}

extension Manifest.CORSRule {
    fileprivate var rule: ObjectsService.CORSRuleInput {
        ObjectsService.CORSRuleInput(
            allowedOrigins: allowedOrigins, allowedMethods: allowedMethods, allowedHeaders: allowedHeaders,
            exposeHeaders: exposeHeaders, maxAgeSeconds: maxAgeSeconds)
    }
}
