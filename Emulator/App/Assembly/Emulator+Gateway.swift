import AWSProtocol
import Clock
import Gateway
import Net

extension Emulator {
    /// The APIs of the manifest. The first one answers what names none.
    static func gateway(
        _ manifest: Manifest, _ invocation: GatewayInvocation, _ clock: SystemClock,
        _ backends: BackendClient, _ data: DataFolder, _ signatures: AWSEndpoint, _ restAPI: RESTAPI?,
        _ account: Throttle?
    ) throws -> Gateway {
        let invoke: InvokeFunction = { await invocation.run($0, event: $1, timeout: $2) }
        let direct = DirectCalls(
            invoke: { invocation.run($0, event: $1, timeout: $2, deliver: $3) },
            send: { backends.send($0, deliver: $1) })
        var apis: [any GatewayAPI] = []
        if let declaration = manifest.httpAPI {
            apis.append(
                try HTTPAPI(
                    configuration: try configuration(of: declaration, manifest, data), clock: clock,
                    send: { await backends.send($0) }, direct: direct, account: account, invoke: invoke))
        }
        if let restAPI { apis.append(restAPI) }
        if let api = try webSocketAPI(manifest, invoke, clock, data, signatures, account) { apis.append(api) }
        return Gateway(apis)
    }

    private static func configuration(
        of declaration: Manifest.HTTPAPIDeclaration, _ manifest: Manifest, _ data: DataFolder
    ) throws -> HTTPAPIConfiguration {
        var configuration = HTTPAPIConfiguration(
            apiID: declaration.id, accountID: manifest.accountID, region: manifest.region,
            stages: try declaration.stages.map { stage, log in
                var stage = stage
                stage.accessLog = try AccessLogFile.open(log, api: declaration.id, manifest, data)
                return stage
            },
            authorizers: declaration.authorizers, cors: declaration.cors, routes: declaration.routes)
        configuration.isEndpointDisabled = declaration.isEndpointDisabled
        return configuration
    }
}
