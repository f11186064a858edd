import AWSProtocol
import JSON

extension LambdaService {
    /// PutFunctionEventInvokeConfig (AWS Lambda API Reference): replaces all settings; those not given are gone.
    func putFunctionEventInvokeConfig(_ call: EventInvokeConfigCall) async throws(AWSError) -> JSONObject {
        let settings = try await EventInvokeSettings(call, self)
        let config = EventInvokeConfig(
            function: call.function, qualifier: call.qualifier, maximumRetries: settings.maximumRetries,
            maximumAgeSeconds: settings.maximumAgeSeconds, onSuccess: settings.onSuccess,
            onFailure: settings.onFailure, modified: clock.now)
        try await commit(call) { config.write(in: $0) }
        return config.json(functionARN: configuration.functionARN(config.function))
    }
}
