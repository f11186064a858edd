import AWSProtocol
import Clock
import Gateway

extension Emulator {
    /// The manifest's WebSocket API; nil when it has none.
    /// - Parameter signatures: knows whose signatures are good.
    static func webSocketAPI(
        _ manifest: Manifest, _ invoke: @escaping InvokeFunction, _ clock: SystemClock, _ data: DataFolder,
        _ signatures: AWSEndpoint, _ account: Throttle?
    ) throws(CommandFailure) -> WebSocketAPI? {
        guard var configuration = manifest.webSocketAPI else { return nil }
        for (stage, log) in manifest.webSocketLogs {
            configuration.accessLogs[stage] = try AccessLogFile.open(
                log, api: configuration.apiID, manifest, data)
        }
        return WebSocketAPI(
            configuration: configuration, clock: clock, account: account, invoke: invoke,
            verify: { request in
                do throws(AWSError) {
                    let caller = try signatures.caller(of: request, service: "execute-api")
                    return caller == nil ? WebSocketAPI.missingSignature : nil
                } catch {
                    return WebSocketAPI.refusal(of: error)
                }
            })
    }
}
