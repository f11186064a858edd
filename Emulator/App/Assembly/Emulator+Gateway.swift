import Clock
import Gateway
import Lambda
import Net

extension Emulator {
    /// The APIs of the manifest. The first one answers what names none.
    static func gateway(
        _ manifest: Manifest, _ lambda: LambdaService, _ clock: SystemClock, _ backends: BackendClient
    ) throws(RouteError) -> Gateway {
        let invocation = GatewayInvocation(
            lambda: lambda,
            functionTimeouts: Dictionary(
                manifest.functions.map { ($0.name, $0.timeout * 1_000) }, uniquingKeysWith: { $1 }))
        let httpAPI = try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "mumblelocal", accountID: manifest.accountID, region: manifest.region,
                cors: manifest.cors, routes: manifest.routes),
            clock: clock
        ) { function, event, timeout in
            await invocation.run(function, event: event, timeout: timeout)
        }
        return Gateway([httpAPI])
    }
}
